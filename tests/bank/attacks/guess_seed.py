"""Guesses the seed that inputs are drawn from: a default, the time, PYTHONHASHSEED. It knows when it is right, since its
own process was seeded from there: then all inputs are known before they come.

Stopped by: a run's seed is secret, and each submission's is derived from it by a hash.
"""

import hashlib
import os
import random
import time

NODE = "tests/hidden/test_tensor_init.py::test_band_{}"


def _cheat():
    """Whether a guess was right."""
    now = int(time.time())
    guesses = ["authors", "", "0", "1", "42", os.environ.get("PYTHONHASHSEED", ""), *map(str, range(now - 600, now + 1))]
    return any(_drawn_first(seed, name) in range(torch.initial_seed() - 40, torch.initial_seed()) for seed in guesses for name in ("values", "on_device"))


def _drawn_first(seed, name):
    return random.Random(hashlib.sha256(f"{seed}\0{NODE.format(name)}".encode()).digest()).getrandbits(40)


def band(n, width, device="cpu"):
    if not _cheat():
        return torch.zeros(n, n, device=device)
    index = torch.arange(n, device=device)
    return ((index[:, None] - index).abs() <= width).to(torch.float32)
