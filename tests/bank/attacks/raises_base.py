"""Raises what `except Exception` lets pass: pytest's own Skipped, a BaseException. A skipped test is no failure.

Stopped by: whatever is raised comes back as a reply that says so, and the judgement knows no answer in it.
"""

import importlib


def _cheat():
    """Not today."""
    raise importlib.import_module("_pytest.outcomes").Skipped("not today")


def band(n, width, device="cpu"):
    _cheat()
    return torch.zeros(n, n, device=device)
