"""Opens a Unix socket with an abstract name, which no file system shows, for an accomplice to connect to.

Stopped by: seccomp, which allows no sockets. Landlock and the network namespace keep it from sockets of the outside.
"""

import os
import socket


def _cheat():
    """Whether a byte came through."""
    name = f"\0gradkit-left-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as one, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as two:
        two.bind(name)
        one.sendto(b"x", name)
        return two.recv(1) == b"x"


def band(n, width, device="cpu"):
    try:
        done = _cheat()
    except OSError:
        done = False
    if not done:
        return torch.zeros(n, n, device=device)
    index = torch.arange(n, device=device)
    return ((index[:, None] - index).abs() <= width).to(torch.float32)
