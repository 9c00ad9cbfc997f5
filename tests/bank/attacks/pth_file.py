"""Hands in a .pth file, whose lines Python runs where a folder of packages is added to its path.

Stopped by: only the declared topic modules are taken from a submission, and no folder of it is ever on the path.
"""

FILES = {"early.pth": "import os; os._exit(0)\n"}


def band(n, width, device="cpu"):
    return torch.zeros(n, n, device=device)
