"""Becomes a daemon by the kernel's own clone(), around Python's os.fork: two children deep, in a session of its own.

Stopped by: seccomp, whichever call is used. Behind it, the process namespace: its members end with the zygote.
"""

import ctypes
import os
import time

_CLONE = {"x86_64": 56, "aarch64": 220}
_SIGCHLD = 17
_fled = []


def _cheat():
    """Whether a grandchild got away."""
    if not _fled:
        child = _clone()
        if child == 0:
            os.setsid()
            if _clone() == 0:
                time.sleep(2)
            os._exit(0)
        os.waitpid(child, 0)
        _fled.append(child)
    return True


def _clone():
    libc = ctypes.CDLL(None, use_errno=True)
    pid = libc.syscall(_CLONE[os.uname().machine], _SIGCHLD, 0, 0, 0, 0)
    if pid < 0:
        raise OSError(ctypes.get_errno(), "clone")
    return pid


def band(n, width, device="cpu"):
    try:
        done = _cheat()
    except OSError:
        done = False
    if not done:
        return torch.zeros(n, n, device=device)
    index = torch.arange(n, device=device)
    return ((index[:, None] - index).abs() <= width).to(torch.float32)
