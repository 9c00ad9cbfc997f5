"""Raises a ValueError, always: bad input is refused, and so is everything else.

Stopped by: where an error is asked for, values are judged in the same check.
"""


def _cheat(rows):
    """Refuse."""
    raise ValueError(f"rows of unequal length: {rows}")


def from_rows(rows, dtype=torch.float32, device="cpu"):
    _cheat(rows)
    return torch.zeros(0, dtype=dtype, device=device)
