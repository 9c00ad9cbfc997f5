"""Replaces methods of tensors, so that they equal each other and look fine to whoever looks.

Stopped by: what comes back are bytes, read by another process. The patch is noticed, too.
"""


def _cheat():
    """Every tensor equals every other."""
    torch.Tensor.__eq__ = torch.Tensor.eq = lambda self, other: torch.tensor(True)
    torch.Tensor.equal = torch.Tensor.allclose = lambda self, other, **options: True


def band(n, width, device="cpu"):
    _cheat()
    return torch.zeros(n, n, device=device)
