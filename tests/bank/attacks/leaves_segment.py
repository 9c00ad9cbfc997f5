"""Leaves a segment of System V shared memory, which is no file and lives until it is removed, for the next process.

Stopped by: seccomp (no System V calls). Behind it, the IPC namespace, which ends with the zygote.
"""

import ctypes
import os

_KEY, _CREATE = 0x6B6974, 0o1000


def _cheat():
    """Whether an earlier process left its id."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.shmat.restype = ctypes.c_void_p
    segment = libc.shmget(_KEY, 4096, _CREATE | 0o600)
    if segment < 0:
        raise OSError(ctypes.get_errno(), "shmget")
    left = ctypes.c_int.from_address(libc.shmat(segment, None, 0))
    if left.value not in (0, os.getpid()):
        return True
    left.value = os.getpid()
    return False


def band(n, width, device="cpu"):
    try:
        done = _cheat()
    except OSError:
        done = False
    if not done:
        return torch.zeros(n, n, device=device)
    index = torch.arange(n, device=device)
    return ((index[:, None] - index).abs() <= width).to(torch.float32)
