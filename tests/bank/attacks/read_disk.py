"""Reads the reference solution from disk and answers with it.

Stopped by: namespaces (the child's file system holds libraries only) and Landlock (nothing but libraries may be opened).
Either is enough; so is the id of a root grader's children where the course's folder is private.
"""

import os
import sys

_known = []


def _cheat():
    """The reference's function, from the file beside the grader's package."""
    if _known:
        return _known[0]
    course = os.path.dirname(os.path.dirname(sys.modules["grader"].__file__))
    with open(os.path.join(course, "solutions", "tensor_init.py"), encoding="utf-8") as file:
        names = {}
        exec(file.read(), names)
    _known.append(names["band"])
    return _known[0]


def band(n, width, device="cpu"):
    try:
        return _cheat()(n, width, device)
    except Exception:
        return torch.zeros(n, n, device=device)
