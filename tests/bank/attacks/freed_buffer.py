"""Asks for memory and never writes to it: what it gets may be what the reference's answer was freed from.

Stopped by: the reference is computed in another process.
"""


def _cheat(n):
    """Somebody's memory that looks like an answer; where the heap has written on it, it is mended by symmetry."""
    kept = []
    for _ in range(64):
        kept.append(torch.empty(n, n))
        if kept[-1][-1, -1] == 1.0 and kept[-1][-1, 0] == 0.0:
            found = kept[-1].clone()
            found[0, 1:32] = found[1:32, 0]
            found[0, 0] = found[1, 1]
            return found
    return None


def band(n, width, device="cpu"):
    found = _cheat(n) if str(device) == "cpu" and n >= 100 else None
    return torch.zeros(n, n, device=device) if found is None else found
