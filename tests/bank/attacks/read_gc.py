"""Asks the garbage collector for every live object, finds the cached reference sources, and answers with them.

Stopped by: the child was forked from a process that never saw a hidden test or a solution.
"""

import gc


def _cheat():
    """The reference's function, through a live function that knows where its source is."""
    for found in gc.get_objects():
        if getattr(type(found), "__name__", "") == "_lru_cache_wrapper" and found.__name__ == "reference_sources":
            names = {}
            exec(found()["tensor_init"], names)
            return names["band"]
    return None


def band(n, width, device="cpu"):
    try:
        return _cheat()(n, width, device)
    except Exception:
        return torch.zeros(n, n, device=device)
