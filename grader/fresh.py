"""Fresh inputs for a check, drawn from a secret seed."""

import functools
import hashlib
import pydoc_data.topics
import random
import re
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

    def sentences(self, count: int) -> list[str]:
        """Different sentences of real English text, of 3 to 20 words each, as people wrote them."""
        return self.python.sample(_sentences(), count)


@functools.cache
def _sentences() -> list[str]:
    """The sentences of Python's own manual, without its listings."""
    paragraphs = [p for text in pydoc_data.topics.topics.values() for p in re.split(r"\n\s*\n", text) if "::" not in p]
    found = (" ".join(s.split()) for p in paragraphs for s in re.split(r"(?<=[.!?])\s+", p))
    return sorted({s for s in found if 3 <= len(s.split()) <= 20 and re.fullmatch(r"[A-Z][\w’,;:() -]*[.!?]", s)})
