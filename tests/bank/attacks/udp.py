"""Sends a UDP packet to itself: Landlock does not know UDP.

Stopped by: seccomp (no sockets) and the network namespace (nothing is up). Each is enough.
"""

import socket


def _cheat():
    """Whether the packet came."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as two:
        two.bind(("127.0.0.1", 0))
        two.settimeout(1)
        one.sendto(b"x", two.getsockname())
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
