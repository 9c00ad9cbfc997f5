"""Forks, and forks again. (Twenty children that end after a second: enough to show that it could.)

Stopped by: seccomp, which allows new threads but no new processes. Behind it, the limit on the number of processes, and
the process namespace, whose members all end with the zygote.
"""

import os
import time

_children = []


def _cheat():
    """Whether there are more of us now."""
    if not _children:
        for _ in range(20):
            child = os.fork()
            if child == 0:
                time.sleep(1)
                os._exit(0)
            _children.append(child)
    return True


def band(n, width, device="cpu"):
    try:
        forked = _cheat()
    except OSError:
        forked = False
    if not forked:
        return torch.zeros(n, n, device=device)
    index = torch.arange(n, device=device)
    return ((index[:, None] - index).abs() <= width).to(torch.float32)
