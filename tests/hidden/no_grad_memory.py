"""Pairs of tensors in known places of memory for shares_memory, and what known mistakes say of them."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch

from grader.fresh import Fresh
from grader.judge import boolean, expect, sequence
from grader.verdicts import Failed

SIZE = 240  # bytes of a piece of memory; every dtype's size divides it
BETWEEN = "the ranges overlap, but the elements lie between each other"
EMPTY = "a tensor without elements has no byte to share"
APART = "different memory"
OTHER_DTYPES = "tensors of different dtypes on the same bytes"
OTHER_WAYS = "tensors made of one piece of memory in different ways"
ONE = "plain views of one storage"
LARGE = "tensors of more than 10,000 elements"


@dataclass(frozen=True)
class Laid:
    """A tensor in a piece of memory: sizes and strides in elements, the offset in bytes."""

    room: int
    way: str
    dtype: torch.dtype
    shape: tuple[int, ...]
    stride: tuple[int, ...]
    offset: int

    def request(self) -> list[Any]:
        return [self.room, self.way, self.dtype, list(self.shape), list(self.stride), self.offset]

    def starts(self) -> set[int]:
        """The first byte of every element; those along a stride of 0 lie on each other."""
        sizes = (size if step else min(size, 1) for size, step in zip(self.shape, self.stride, strict=True))
        places = itertools.product(*map(range, sizes))
        steps = [sum(i * step for i, step in zip(place, self.stride, strict=True)) for place in places]
        return {self.offset + step * self.dtype.itemsize for step in steps}

    def bytes(self) -> set[int]:
        return {start + i for start in self.starts() for i in range(self.dtype.itemsize)}

    def fits(self) -> bool:
        return all(0 <= byte < SIZE for byte in self.bytes()) and self.offset < SIZE

    def storage(self) -> tuple[int, int]:
        """Where its storage begins."""
        return self.room, 0 if self.way in ("view", "parameter") else self.offset


Pair = tuple[Laid, Laid, str]  # and what the pair is about


def overlap(a: Laid, b: Laid) -> bool:
    """Whether they have a byte in common."""
    return a.room == b.room and bool(a.bytes() & b.bytes())


def _ranges(a: Laid, b: Laid) -> bool:
    one, other = a.bytes(), b.bytes()
    return a.room == b.room and bool(one and other) and min(one) <= max(other) and min(other) <= max(one)


def _address(x: Laid) -> tuple[int, int] | None:
    """Where it begins; torch gives no address for a tensor without elements."""
    return (x.room, x.offset) if x.starts() else None


def _strides_as_bytes(x: Laid) -> set[int]:
    found = {x.offset}
    for size, step in zip(x.shape, x.stride, strict=True):
        found = {place + i * step for place in found for i in range(size)}
    return {place + i for place in found for i in range(x.dtype.itemsize)}


MISTAKES: dict[str, Callable[[Laid, Laid], bool]] = {
    "only the addresses where the tensors begin are compared": lambda a, b: _address(a) == _address(b),
    "only the addresses where the storages begin are compared": lambda a, b: a.storage() == b.storage(),
    "the storage objects are compared: two of them can be on one piece of memory": lambda a, b: (
        a == b or (a.room == b.room and {a.way, b.way} <= {"view", "parameter"})
    ),
    "only the first and the last byte are compared: the elements can lie between each other": _ranges,
    "only the first bytes of the elements are compared": lambda a, b: (
        a.room == b.room and bool(a.starts() & b.starts())
    ),
    "tensors of different dtypes are taken to share nothing": lambda a, b: a.dtype == b.dtype and overlap(a, b),
    "strides are counted in bytes, but they count elements": lambda a, b: (
        a.room == b.room and bool(_strides_as_bytes(a) & _strides_as_bytes(b))
    ),
    "it is the objects that are compared": lambda a, b: a == b,
    "the answer is always True": lambda a, b: True,
    "the answer is always False": lambda a, b: False,
    "the answer is inverted": lambda a, b: not overlap(a, b),
}


def judged(reply: Any, pairs: list[Pair]) -> None:
    """A right answer for each pair, and memory that was left alone."""
    replies, kept = sequence(reply, 2)
    given = [boolean(answer) for answer in sequence(replies, len(pairs), "the answers")]
    truths = [overlap(a, b) for a, b, _ in pairs]
    if given != truths:
        wrong = [pair for pair, own, truth in zip(pairs, given, truths, strict=True) if own != truth]
        raise Failed(f"the answer is wrong for {len(wrong)} of {len(pairs)} pairs", _why(given, pairs, wrong))
    expect(kept is True, "memory of the arguments holds other values afterwards", "the tensors are written to")


def _why(given: list[bool], pairs: list[Pair], wrong: list[Pair]) -> str | None:
    """The mistake that gives all these answers, else what the wrong ones have in common."""
    known = [words for words, rule in MISTAKES.items() if [rule(a, b) for a, b, _ in pairs] == given]
    topics = {topic for *_, topic in wrong}
    common = f"wrong where the point is this: {topics.pop()}" if len(topics) == 1 else None
    return next(iter(known), common)


def plain_pairs(fresh: Fresh, kind: torch.dtype) -> list[Pair]:
    """Views of one storage."""
    unit, room = kind.itemsize, 0
    total = SIZE // unit

    def view(shape: tuple[int, ...], stride: tuple[int, ...], start: int, place: int = room) -> Laid:
        return Laid(place, "view", kind, shape, stride, start * unit)

    def row(start: int, stop: int, step: int = 1) -> Laid:
        return view((len(range(start, stop, step)),), (step,), start)

    cut, side = fresh.integer(4, total - 4), int(total**0.5)
    grid = view((side, side), (side, 1), 0)
    i, j = fresh.python.sample(range(side), 2)
    one_row, one_column = view((side,), (1,), i * side), view((side,), (side,), j)
    whole, start = row(0, total), fresh.integer(1, total - 9)
    pairs = [
        *((whole, whole, ONE), (grid, view((side, side), (1, side), 0), ONE), (grid, one_row, ONE)),
        *((whole, view((total,), (1,), 0, place=1), APART), (grid, view((side, side), (side, 1), 0, place=1), APART)),
        *((row(0, cut + 1), row(cut, total), ONE), (row(0, cut), row(cut, total), ONE)),
        *((row(cut, total), row(0, cut), ONE), (row(cut, total), row(0, cut + 1), ONE)),
        *((row(0, total, 2), row(1, total, 2), BETWEEN), (row(1, total, 2), row(0, total, 3), ONE)),
        *((row(0, total, 3), row(1, total, 3), BETWEEN), (row(0, total, 4), row(2, total, 4), BETWEEN)),
        *((row(start, total), row(start, total, 5), ONE), (one_row, one_column, ONE)),
        *((one_row, view((side,), (1,), j * side), ONE), (view((side,), (side,), i), one_column, BETWEEN)),
        *((view((side, 1), (side, 1), 0), view((side, side - 1), (side, 1), 1), BETWEEN), (one_column, grid, ONE)),
        *((view((side,), (side + 1,), 0), view((side - 1,), (side + 1,), 1), BETWEEN),),
        *((view((side,), (side + 1,), 0), one_row, ONE), (view((), (), start), view((), (), start), ONE)),
        *((view((), (), start), view((), (), start + 1), ONE), (row(start, start + 1), whole, ONE)),
        *((view((3, 5), (0, 1), start), view((), (), start + 4), ONE),),
        *((view((3, 4), (0, 1), start), view((), (), start + 4), ONE), (view((4,), (0,), start), whole, ONE)),
        *((view((4, 3), (1, 1), start), view((2,), (1,), start + 5), ONE),),
        *((view((4, 3), (1, 1), start), view((2,), (1,), start + 6), ONE),),
        *((view((1, 2), (total, 1), start), view((2, 1), (1, total), start), ONE),),
        *((row(start, start), whole, EMPTY), (whole, row(0, 0), EMPTY), (row(start, start), row(start, start), EMPTY)),
        *((view((3, 0), (1, 1), 2), whole, EMPTY), (view((0, 2), (2, 1), 0), view((0, 2), (2, 1), 0), EMPTY)),
    ]
    return pairs + [_random_pair(fresh, [kind], ["view"]) for _ in range(10)]


REAL, HALF = torch.float32, torch.float16


def mixed_pairs(fresh: Fresh) -> list[Pair]:
    """Tensors of different dtypes, and of one array or buffer without a common storage."""
    start = 16 * fresh.integer(1, 4)

    def laid(way: str, dtype: torch.dtype, count: int, step: int = 1, offset: int = 0, room: int = 0) -> Laid:
        return Laid(room, way, dtype, (count,), (step,), offset)

    floats, shorts = laid("view", REAL, 60), laid("view", torch.int16, 120)
    array, owned = laid("numpy", torch.float64, 30), laid("numpy", torch.float64, 10, offset=start)
    numbers = laid("view", torch.complex64, 30)
    many = fresh.integer(2600, 2800)  # times the same four bytes
    large = [Laid(0, "view", torch.uint8, (many, 4), (0, 3), first) for first in (start, start + 1)]
    pairs = [
        *((large[0], large[1], LARGE), (laid("view", torch.uint8, 1, 1, start + 10), large[1], LARGE)),
        *((floats, shorts, OTHER_DTYPES), (laid("view", torch.int16, 60, 2, 2), floats, OTHER_DTYPES)),
        *((laid("view", torch.int16, 60, 2, 2), laid("view", HALF, 60, 2), BETWEEN),),
        *((laid("view", HALF, 60, 2, 2), laid("view", REAL, 30, 2, 4), OTHER_DTYPES),),
        *((laid("view", HALF, 30, 4, 2), laid("view", REAL, 30, 2, 4), BETWEEN), (numbers, floats, OTHER_DTYPES)),
        *((laid("view", REAL, 30, 2), laid("view", REAL, 30, 2, 4), BETWEEN),),
        *((numbers, laid("view", REAL, 30, 2, 4), OTHER_DTYPES),),
        *((laid("view", torch.bool, 1, 1, start + 7), laid("view", torch.int64, 2, 1, start), OTHER_DTYPES),),
        *((laid("view", torch.bool, 1, 1, start + 7), laid("view", torch.int64, 2, 1, start + 8), OTHER_DTYPES),),
        *((laid("view", torch.uint8, start), laid("view", torch.float64, 3, 1, start), OTHER_DTYPES),),
        *((laid("view", torch.uint8, start + 1), laid("view", torch.float64, 3, 1, start), OTHER_DTYPES),),
        *((laid("view", torch.int16, 0, 1, start), floats, EMPTY), (array, laid("numpy", REAL, 60), OTHER_DTYPES)),
        *((array, owned, OTHER_WAYS), (owned, laid("numpy", torch.float64, 9, offset=start + 8), OTHER_WAYS)),
        *((laid("numpy", torch.float64, 30), laid("dlpack", torch.float64, 30), OTHER_WAYS),),
        *((laid("numpy", REAL, 4, offset=start), laid("numpy", REAL, 4, offset=start + 16), OTHER_WAYS),),
        *((laid("numpy", REAL, 5, offset=start), laid("numpy", REAL, 4, offset=start + 16), OTHER_WAYS),),
        *((laid("numpy", REAL, 30, 2), laid("numpy", REAL, 30, 2, 4), BETWEEN),),
        *((laid("numpy", REAL, 30, 2), laid("numpy", torch.int16, 60, 2, 2), OTHER_WAYS),),
        *((laid("frombuffer", REAL, 8, offset=start), laid("numpy", REAL, 1, offset=start + 28), OTHER_WAYS),),
        *((laid("frombuffer", REAL, 8, offset=start), laid("numpy", REAL, 1, offset=start + 32), OTHER_WAYS),),
        *((laid("parameter", REAL, 60), floats, OTHER_WAYS), (laid("parameter", REAL, 60), array, OTHER_WAYS)),
        *((laid("parameter", REAL, 30, 2), laid("view", REAL, 30, 2, 4), BETWEEN),),
        *((laid("numpy", REAL, 0, offset=start), array, EMPTY), (array, laid("numpy", REAL, 60, room=1), APART)),
        *((floats, laid("view", torch.int16, 120, room=1), APART),),
        *((laid("view", torch.bfloat16, 60, 2), laid("view", torch.int16, 60, 2, 2), BETWEEN),),
        *((laid("view", torch.bfloat16, 9, 2, start), floats, OTHER_DTYPES),),
        *((laid("parameter", HALF, 9, 3, start), laid("parameter", HALF, 9, 3, start, room=1), APART),),
    ]
    kinds = [REAL, HALF, torch.int16, torch.float64, torch.uint8, torch.complex64]
    return pairs + [_random_pair(fresh, kinds, ["view", "parameter", "frombuffer"]) for _ in range(10)]


def _random_pair(fresh: Fresh, kinds: list[torch.dtype], ways: list[str]) -> Pair:
    a, b = _random(fresh, kinds, ways), _random(fresh, kinds, ways)
    return a, b, ONE if len(ways) == 1 else OTHER_WAYS


def _random(fresh: Fresh, kinds: list[torch.dtype], ways: list[str]) -> Laid:
    """A strided tensor somewhere in the memory."""
    kind, dims = fresh.choice(kinds), fresh.integer(1, 2)
    while True:
        shape = tuple(fresh.integer(1, 4) for _ in range(dims))
        stride = tuple(fresh.integer(0, 6) for _ in range(dims))
        offset = fresh.integer(0, 60 // kind.itemsize) * kind.itemsize
        found = Laid(0, fresh.choice(ways), kind, shape, stride, offset)
        if found.fits():
            return found
