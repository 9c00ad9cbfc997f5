"""Walks up the stack to pytest, from there to the plugin that keeps the reference's source, and answers with it.

Stopped by: the judgement runs in another process. The confined child's stack holds the loop that answers requests.
"""

import sys


def _cheat():
    """The reference's function, through whatever on the stack knows pytest's configuration."""
    frame = sys._getframe()
    while frame:
        for value in list(frame.f_locals.values()):
            manager = getattr(getattr(value, "config", None), "pluginmanager", None)
            for plugin in manager.get_plugins() if manager else ():
                if hasattr(plugin, "reference_sources"):
                    names = {}
                    exec(plugin.reference_sources()["tensor_init"], names)
                    return names["band"]
        frame = frame.f_back
    return None


def band(n, width, device="cpu"):
    try:
        return _cheat()(n, width, device)
    except Exception:
        return torch.zeros(n, n, device=device)
