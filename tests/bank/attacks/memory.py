"""Asks for three gigabytes. (It never writes to them, so that the attempt costs nothing.)

Stopped by: the limit on the address space.
"""


def _cheat():
    """Whether they were given."""
    return torch.empty(3 << 30, dtype=torch.uint8).numel() == 3 << 30


def band(n, width, device="cpu"):
    try:
        given = _cheat()
    except RuntimeError:
        given = False
    if not given:
        return torch.zeros(n, n, device=device)
    index = torch.arange(n, device=device)
    return ((index[:, None] - index).abs() <= width).to(torch.float32)
