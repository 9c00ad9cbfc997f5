"""Looks for other submissions where graders unpack them, and answers as a neighbor does.

Stopped by: submissions are read into memory and never unpacked; namespaces and Landlock hide where they came from. So
does the id of a root grader's children, where the folder is private.
"""

import glob

_known = []


def _cheat():
    """Whether a neighbor's module defines the task."""
    if not _known:
        for path in glob.glob("/tmp/*/neighbor/tensor_init.py"):
            with open(path, encoding="utf-8") as file:
                names = {}
                exec(file.read(), names)
                _known.append(names["band"])
    return bool(_known)


def band(n, width, device="cpu"):
    try:
        done = _cheat()
    except Exception:
        done = False
    if not done:
        return torch.zeros(n, n, device=device)
    index = torch.arange(n, device=device)
    return ((index[:, None] - index).abs() <= width).to(torch.float32)
