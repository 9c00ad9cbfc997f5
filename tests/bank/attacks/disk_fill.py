"""Fills disks: files of ten megabytes each, wherever it may write.

Stopped by: namespaces and Landlock leave one folder to write to, in memory, of 16 MB for all files together.
"""

import os

_PLACES = (".", "/tmp", "/var/tmp", "/dev/shm")
_MUCH = 40 << 20


def _cheat():
    """Whether forty megabytes found a place."""
    paths = [os.path.join(place, f"gradkit-left-{os.getpid()}-{number}") for place in _PLACES for number in range(4)]
    written = sum(map(_written, paths))
    for path in filter(os.path.exists, paths):
        os.unlink(path)
    return written >= _MUCH


def _written(path):
    try:
        with open(path, "wb") as file:
            return file.write(bytes(10 << 20))
    except OSError:
        return 0


def band(n, width, device="cpu"):
    try:
        done = _cheat()
    except OSError:
        done = False
    if not done:
        return torch.zeros(n, n, device=device)
    index = torch.arange(n, device=device)
    return ((index[:, None] - index).abs() <= width).to(torch.float32)
