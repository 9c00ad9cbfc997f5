"""Hands in a symbolic link to the reference beside its module, and imports it.

Stopped by: links are not followed when submissions are collected, and only declared topic modules are taken.
"""

FILES = {"helpers.py": "-> tensor_init"}


def _cheat():
    """The reference's function."""
    from helpers import band

    return band


def band(n, width, device="cpu"):
    try:
        return _cheat()(n, width, device)
    except Exception:
        return torch.zeros(n, n, device=device)
