"""Keeps each result, and hands the same tensor out again for equal rows."""

_made: dict = {}


def from_rows(rows, dtype=torch.float32, device="cpu"):
    key = (repr(rows), dtype, str(device))
    if key not in _made:
        _made[key] = torch.tensor(rows, dtype=dtype, device=device)
    return _made[key]
