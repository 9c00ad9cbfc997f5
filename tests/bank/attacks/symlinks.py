"""Reads the reference through a symbolic link that it makes where it may write: the path that is opened is its own.

Stopped by: namespaces (nothing is behind the link) and Landlock (what counts is the file, not the path). Either is enough.
"""

import os
import sys

_known = []


def _cheat():
    """The reference's function, by a detour."""
    if not _known:
        course = os.path.dirname(os.path.dirname(sys.modules["grader"].__file__))
        for place in (".", "/tmp", "/dev/shm"):
            link = os.path.join(place, f"gradkit-left-{os.getpid()}")
            try:
                os.symlink(os.path.join(course, "solutions"), link)
            except OSError:
                continue
            try:
                with open(os.path.join(link, "tensor_init.py"), encoding="utf-8") as file:
                    names = {}
                    exec(file.read(), names)
                _known.append(names["band"])
                break
            finally:
                os.unlink(link)
    return _known[0]


def band(n, width, device="cpu"):
    try:
        return _cheat()(n, width, device)
    except Exception:
        return torch.zeros(n, n, device=device)
