"""What judgements about memory have in common: an x in a known storage, and what writes to either side show."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from grader.confined.values import Seen
from grader.fresh import Fresh
from grader.judge import boolean, dtype, exactly, expect, sequence, shape, tensor
from grader.student import Raised, Student
from grader.verdicts import Failed

DTYPES = (torch.float32, torch.float64, torch.int64)
COPY = "the result is a copy, its memory is not that of x"


def numbers(fresh: Fresh, count: int, dtype: torch.dtype) -> Tensor:
    """Different numbers, so that no element can be taken for another; all below 1e5."""
    order = torch.randperm(10 * count + 100, generator=fresh.generator)[:count]
    return order.to(dtype) if dtype == torch.int64 else order.to(dtype) / 8


def laid(x: Tensor) -> tuple[tuple[int, ...], tuple[int, ...], int]:
    return tuple(x.shape), tuple(x.stride()), int(x.storage_offset())


def contiguous(shape: Sequence[int], stride: Sequence[int]) -> bool:
    """What torch itself says of this layout; nothing is allocated."""
    return torch.empty_strided(tuple(shape), tuple(stride), device="meta").is_contiguous()


def row_major(shape: Sequence[int]) -> tuple[int, ...]:
    return torch.empty(tuple(shape), device="meta").stride()


def accepted(student: Student, probe: str, *args: Any, why: str | None = None, **kwargs: Any) -> Any:
    """The observations of a probe on good input, for which a ValueError is a mistake with a name."""
    outcome = student.outcome(probe, *args, **kwargs)
    if not isinstance(outcome, Raised):
        return outcome
    if "ValueError" in outcome.bases:
        raise Failed(f"good input is refused: {outcome.sentence()}", why or "good input is refused")
    return student.probe(probe, *args, **kwargs)  # raises what fits


def replies_to(student: Student, calls: list[tuple[Any, ...]]) -> list[Any]:
    """The values of several calls of the task, in one request, which leave the arguments as they are."""
    replies, left = sequence(student.probe("replies_and_arguments", student.task, calls), 2)
    kept(left, calls)
    return sequence(replies, len(calls))


def kept(left: Any, calls: list[tuple[Any, ...]], what: str = "an argument") -> None:
    """The arguments are what they were before the call."""
    expect(left == calls, f"{what} changed during the call", "an argument is changed, in place")


def answers(replies: Any, truths: list[bool], near: dict[str, list[bool]]) -> None:
    """One right answer, True or False, for each layout; a known mistake is one that gives all these answers."""
    given = [boolean(reply) for reply in sequence(replies, len(truths))]
    wrong = sum(own != truth for own, truth in zip(given, truths, strict=True))
    known = next((sentence for sentence, other in near.items() if other == given), None)
    expect(not wrong, f"the answer is wrong for {wrong} of {len(truths)} layouts", known)


def recognised(reply: Any, expected: Tensor, near: Callable[[], dict[str, Any]]) -> None:
    """As `exactly`; the known mistakes are computed only for a wrong reply."""
    try:
        exactly(reply, expected)
    except Failed:
        if isinstance(reply, Seen) and reply.shape == tuple(expected.shape):
            dtype(reply, expected.dtype, near={"the dtype of x is not kept": reply.dtype})
        exactly(reply, expected, near=near())


def moved(reply: Any, expected: Tensor) -> None:
    """As `exactly`, where infinity and NaN are among the elements."""
    seen = dtype(shape(reply, tuple(expected.shape)), expected.dtype)
    same = torch.allclose(seen.data, expected, rtol=0, atol=0, equal_nan=True)
    expect(same, "the elements of a matrix with infinity and NaN change", "computed, as by a product, not only moved")


class Both:
    """Observations of one call on an x that lies in a known storage."""

    def __init__(
        self,
        student: Student,
        fresh: Fresh,
        places: Tensor,
        wanted: Tensor,
        *args: Any,
        why: str | None = None,
    ) -> None:
        """`wanted` holds the place of each element that the result should have; `why` names a needless ValueError."""
        self.wanted = wanted
        kind, count = fresh.choice(DTYPES), (int(places.max()) if places.numel() else 0) + 40
        self.before, self.other = numbers(fresh, count, kind), -1 - numbers(fresh, count, kind)
        self.value = fresh.integer(200_000, 900_000)
        index = tuple(fresh.integer(0, size - 1) for size in wanted.shape) if wanted.numel() else None
        self.index = index
        request = (student.task, self.before, laid(places), args, index, self.value, self.other)
        self.layout = laid(places)
        self.seen = accepted(student, "both_ways", *request, why=why)
        expect(isinstance(self.seen, dict), "the observations are missing")

    def values(self, near: Mapping[str, Callable[[], Tensor]]) -> None:
        """The elements are right, the type is a plain one, and x was left alone. `near` gives places."""
        last = len(self.before) - 1
        recognised(
            self.seen.get("result"),
            self.before[self.wanted],
            lambda: {sentence: self.before[places().clamp(0, last)] for sentence, places in near.items()},
        )
        left = torch.equal(tensor(self.seen.get("left")).data, self.before)
        expect(left, "the call changes the memory of x", "x is written to")
        same = self.seen.get("layout") == self.layout
        expect(same, "x has another shape or other strides after the call", "x itself is changed, in place")
        expect(self.seen.get("type") in ("Tensor", "Parameter"), "the result is not a plain tensor")

    def _written(self) -> Tensor:
        """The storage after a write to the element of a view."""
        expected = self.before.clone()
        if self.index is not None:
            expected[self.wanted[self.index]] = self.value
        return expected

    def shared(self) -> None:
        """Each side shows what is written to the other."""
        for key, expected, what in (
            ("rewritten", self.other[self.wanted], "a write to x does not show in the result"),
            ("written", self._written(), "a write to the result does not show in x"),
        ):
            same = torch.equal(tensor(self.seen.get(key)).data, expected)
            expect(same, what, COPY)

    def independent(self, diagnosis: str) -> None:
        """Neither side shows what is written to the other."""
        own = self.before[self.wanted]
        if self.index is not None:
            own[self.index] = self.value
        for key, expected, what in (
            ("rewritten", own, "a write to x shows in the result"),
            ("written", self.before, "a write to the result shows in x"),
        ):
            same = torch.equal(tensor(self.seen.get(key)).data, expected)
            expect(same, what, diagnosis)
