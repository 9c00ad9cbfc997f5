"""Kills the process that it was forked from, and with it the grading of everybody who comes behind.

Stopped by: namespaces (the parent is the first process there, which no signal from inside ends), Landlock (no signals to
the outside) and seccomp (no signals to others).
"""

import os
import signal


def _cheat():
    """Whether the signal was taken."""
    os.kill(os.getppid(), signal.SIGKILL)
    return True


def band(n, width, device="cpu"):
    try:
        done = _cheat()
    except OSError:
        done = False
    if not done:
        return torch.zeros(n, n, device=device)
    index = torch.arange(n, device=device)
    return ((index[:, None] - index).abs() <= width).to(torch.float32)
