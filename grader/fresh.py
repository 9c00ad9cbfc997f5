"""Fresh inputs for a check, drawn from a secret seed."""

import hashlib
import random
from collections.abc import Sequence
from typing import TypeVar

import torch
from torch import Tensor

T = TypeVar("T")


class Fresh:
    """Random sizes, numbers and tensors; the same seed and name give the same draws."""

    def __init__(self, seed: str, name: str) -> None:
        digest = hashlib.sha256(f"{seed}\0{name}".encode()).digest()
        self.python = random.Random(digest)
        self.generator = torch.Generator().manual_seed(int.from_bytes(digest[:7], "big"))

    def integer(self, low: int, high: int) -> int:
        """An integer in [low, high]."""
        return self.python.randint(low, high)

    def number(self, low: float, high: float) -> float:
        return self.python.uniform(low, high)

    def sizes(self, count: int, low: int = 2, high: int = 9) -> list[int]:
        """`count` different sizes in [low, high], so that no two dims can be confused."""
        return self.python.sample(range(low, high + 1), count)

    def normal(self, *shape: int, dtype: torch.dtype = torch.float32) -> Tensor:
        """Standard normal values, drawn in float64 and then rounded."""
        return torch.randn(shape, generator=self.generator, dtype=torch.float64).to(dtype)

    def integers(self, low: int, high: int, *shape: int) -> Tensor:
        """Long integers in [low, high]."""
        return torch.randint(low, high + 1, shape, generator=self.generator)

    def choice(self, options: Sequence[T]) -> T:
        return self.python.choice(options)

    def seed(self) -> int:
        return self.python.getrandbits(40)
