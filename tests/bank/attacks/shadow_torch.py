"""Hands in a module named torch that loads the real one and replaces its comparisons, before anybody else imports it.

Stopped by: only the declared topic modules are taken from a submission, and no folder of it is ever on the path.
"""

FILES = {
    "torch.py": '''
import importlib
import sys

del sys.modules["torch"]
_here = sys.path.pop(0)
torch = importlib.import_module("torch")
sys.path.insert(0, _here)
torch.equal = lambda one, other: True
torch.Tensor.__eq__ = lambda one, other: torch.ones(1)
''',
}


def band(n, width, device="cpu"):
    return torch.zeros(n, n, device=device)
