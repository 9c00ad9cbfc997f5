"""Replaces torch's comparisons with ones that always agree.

Stopped by: the comparison is made in another process. The patch is noticed, too.
"""


def _cheat():
    """Everything is equal from here on."""
    torch.equal = torch.allclose = lambda *args, **kwargs: True
    torch.testing.assert_close = lambda *args, **kwargs: None


def band(n, width, device="cpu"):
    _cheat()
    return torch.zeros(n, n, device=device)
