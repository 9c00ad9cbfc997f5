"""Finds the grader's plugin among the modules that Python has loaded, and answers with the reference that it keeps.

Stopped by: the child was forked from a process that had loaded no module of the scoring side.
"""

import sys


def _cheat():
    """The reference's function, from whichever module has one."""
    for module in list(sys.modules.values()):
        sources = vars(module).get("reference_sources") if hasattr(module, "__dict__") else None
        if sources:
            names = {}
            exec(sources()["tensor_init"], names)
            return names["band"]
    return None


def band(n, width, device="cpu"):
    try:
        return _cheat()(n, width, device)
    except Exception:
        return torch.zeros(n, n, device=device)
