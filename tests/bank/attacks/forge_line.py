"""Writes the grader's own lines on every descriptor that it finds: all checks passed, and that was the last of them.

Stopped by: one descriptor is open in a child, its channel, and replies on it carry outputs only.
"""

import json
import os

_REST = 2  # checks from this task's first on


def _cheat():
    """Speak in the worker's name."""
    passed = {"status": "passed", "message": "", "diagnosis": None, "seconds": 0.0, "measured": {}}
    lines = [{"check": passed}] * _REST + [{"done": "?"}]
    text = "".join(f"{json.dumps(line)}\n" for line in lines).encode()
    for fd in range(3, 64):
        try:
            os.write(fd, text)
        except OSError:
            pass


def band(n, width, device="cpu"):
    _cheat()
    return torch.zeros(n, n, device=device)
