"""Maps a hundred gigabytes from the kernel, without asking torch or Python for them. (It never writes to them.)

Stopped by: the limit on the address space.
"""

import mmap

_NORESERVE = 0x4000


def _cheat():
    """Whether they were given."""
    with mmap.mmap(-1, 100 << 30, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | _NORESERVE) as room:
        return len(room) == 100 << 30


def band(n, width, device="cpu"):
    try:
        done = _cheat()
    except (OSError, ValueError):
        done = False
    if not done:
        return torch.zeros(n, n, device=device)
    index = torch.arange(n, device=device)
    return ((index[:, None] - index).abs() <= width).to(torch.float32)
