"""Hands in a module named random whose numbers are always the same, and knows the answer for that one number.

Stopped by: only the declared topic modules are taken from a submission; inputs are drawn in another process.
"""

FILES = {
    "random.py": '''
import importlib
import sys

del sys.modules["random"]
_here = sys.path.pop(0)
random = importlib.import_module("random")
sys.path.insert(0, _here)
random.randint = lambda low, high: 11 if low <= 11 <= high else low
''',
}


def band(n, width, device="cpu"):
    index = torch.arange(n, device=device)
    return ((index[:, None] - index).abs() <= width).to(torch.float32) * (n == 11)
