"""Leaves a file for the next process that is graded, in every place where files outlive a process, and looks for one.

Stopped by: namespaces (the child's file system is its own, and a scratch folder ends with its child) and Landlock
(nothing may be written elsewhere).
"""

import glob
import os

_PLACES = (".", "..", "/tmp", "/var/tmp", "/dev/shm", "/dev/mqueue", "/scratch", "/run/lock")


def _cheat():
    """Whether an earlier process left one."""
    own = f"gradkit-left-{os.getpid()}"
    for place in _PLACES:
        try:
            with open(os.path.join(place, own), "w", encoding="utf-8") as file:
                file.write("answers")
        except OSError:
            continue
    found = [path for place in _PLACES for path in glob.glob(os.path.join(place, "gradkit-left-*"))]
    return any(os.path.basename(path) != own for path in found)


def band(n, width, device="cpu"):
    try:
        done = _cheat()
    except OSError:
        done = False
    if not done:
        return torch.zeros(n, n, device=device)
    index = torch.arange(n, device=device)
    return ((index[:, None] - index).abs() <= width).to(torch.float32)
