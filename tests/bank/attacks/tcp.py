"""Listens on a TCP port of its own and connects to it: with that, answers could come from anywhere.

Stopped by: seccomp (no sockets), Landlock (no TCP) and the network namespace (nothing is up). Each is enough.
"""

import socket


def _cheat():
    """Whether a byte came through."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        with socket.create_connection(server.getsockname(), timeout=1) as out, server.accept()[0] as into:
            out.send(b"x")
            return into.recv(1) == b"x"


def band(n, width, device="cpu"):
    try:
        done = _cheat()
    except OSError:
        done = False
    if not done:
        return torch.zeros(n, n, device=device)
    index = torch.arange(n, device=device)
    return ((index[:, None] - index).abs() <= width).to(torch.float32)
