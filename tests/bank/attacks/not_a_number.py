"""Returns NaN everywhere: no difference to it is ever larger than a tolerance.

Stopped by: the judgement asks for what is right, not for what is wrong, and NaN fails where none is expected.
"""


def _cheat(n, device):
    """Compare that."""
    return torch.full((n, n), float("nan"), device=device)


def band(n, width, device="cpu"):
    undecided = _cheat(n, device)
    return torch.zeros(n, n, device=device) if undecided is None else undecided
