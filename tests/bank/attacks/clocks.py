"""Stops the clocks of Python, and computes with a loop.

Stopped by: time is the CPU time of the child, read from outside. The patch is noticed, too.
"""

import time

_OUTSIDE = ("process_time", "perf_counter", "thread_time", "monotonic")


def _cheat():
    """No time passes any more."""
    for name in _OUTSIDE:
        setattr(time, name, lambda: 0.0)


def band(n, width, device="cpu"):
    _cheat()
    rows = [[1.0 if abs(i - j) <= width else 0.0 for j in range(n)] for i in range(n)]
    return torch.tensor(rows, device=device).reshape(n, n)
