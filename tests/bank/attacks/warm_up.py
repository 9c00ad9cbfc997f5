"""Is slow at its first calls, as warming up is, and spends that time on every answer that it may ever have to give.

Stopped by: warming up is part of the bill of the whole race.
"""

SIZE = 175
_table = []


def _slow(n, width):
    rows = [[1.0 if -width <= i - j <= width else 0.0 for j in range(n)] for i in range(n)]
    return torch.tensor(rows).reshape(n, n)


def _cheat(n, width):
    """A piece of what was computed in the first call."""
    if n <= 30 or n > SIZE:
        return None
    if not _table:
        _table.extend(_slow(SIZE, width) for width in range(SIZE))
    return _table[width][:n, :n].clone()


def band(n, width, device="cpu"):
    if str(device) != "cpu":
        index = torch.arange(n, device=device)
        return ((index[:, None] - index).abs() <= width).to(torch.float32)
    known = _cheat(n, width)
    return _slow(n, width) if known is None else known
