"""Asks a name server, by a packet made by hand: a name that is looked up carries a message out, and answers carry one in.

Stopped by: seccomp (no sockets) and the network namespace (no way to any server). Each is enough.
"""

import socket
import struct


def _cheat():
    """Whether the question left. (It goes to this machine, where nobody may listen.)"""
    name = b"".join(bytes([len(part)]) + part for part in (b"answer", b"example", b""))
    question = struct.pack("!6H", 7, 0x100, 1, 0, 0, 0) + name + struct.pack("!2H", 16, 1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        return asking.sendto(question, ("127.0.0.1", 53)) == len(question)


def band(n, width, device="cpu"):
    try:
        done = _cheat()
    except OSError:
        done = False
    if not done:
        return torch.zeros(n, n, device=device)
    index = torch.arange(n, device=device)
    return ((index[:, None] - index).abs() <= width).to(torch.float32)
