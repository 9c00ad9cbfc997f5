"""Laws that random numbers follow, and generators that they come from."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from hidden.tensor_init_calls import takes
from hidden.tensor_init_memory import fields
from torch import Tensor

from grader.confined.values import Seeded, Seen
from grader.judge import boolean, dtype, expect, on, sequence, shape
from grader.verdicts import Failed


@dataclass(frozen=True)
class Law:
    """A distribution: its mean, standard deviation, distribution function and bounds."""

    mean: float
    std: float
    cdf: Callable[[Tensor], Tensor]
    low: float = -math.inf
    high: float = math.inf

    def fits(self, x: Tensor) -> bool:
        """Kolmogorov and Smirnov's distance, mean and deviation; a right sample fails once in 10**10 times.

        The numbers come sorted.
        """
        n = x.numel()
        far = 6.5 * self.std / math.sqrt(n)
        moments = n < 1000 or (abs(x.mean() - self.mean) <= far and abs(x.std() - self.std) <= far / math.sqrt(2))
        return self._distance(x) * math.sqrt(n) <= 3.5 and bool(moments) and self._within(x)

    def _within(self, x: Tensor) -> bool:
        slack = 2 * torch.finfo(torch.float32).eps * max(abs(self.low), abs(self.high))
        return not x.numel() or bool(x[0] >= self.low - slack and x[-1] <= self.high + slack)

    def _distance(self, x: Tensor) -> float:
        below = self.cdf(x)
        steps = torch.arange(x.numel() + 1, dtype=torch.float64) / x.numel()
        return float(torch.maximum(below - steps[:-1], steps[1:] - below).max())


def normal_law(mean: float, std: float) -> Law:
    return Law(mean, std, lambda x: torch.special.ndtr((x - mean) / std))


def uniform_law(low: float, high: float) -> Law:
    middle, std = (low + high) / 2, (high - low) / math.sqrt(12)
    return Law(middle, std, lambda x: ((x - low) / (high - low)).clamp(0, 1), low, high)


def cut_off(mean: float, std: float) -> Law:
    """The normal law within two deviations alone."""
    outside = torch.special.ndtr(torch.tensor(-2.0, dtype=torch.float64))
    inside = 1 - 2 * outside
    return Law(mean, 0.8796 * std, lambda x: ((torch.special.ndtr((x - mean) / std) - outside) / inside).clamp(0, 1))


Laws = Mapping[str, Law]


def follows(value: Any, sizes: tuple[int, ...], law: Law, near: Laws | None = None, swapped: bool = False) -> Tensor:
    """A float32 tensor of this shape whose numbers follow the law; they come back sorted, in float64."""
    known = {"rows and columns are swapped": sizes[::-1]} if swapped else None
    seen = shape(value, sizes, near=known)
    dtype(seen, torch.float32, near={"float64, where float32 is promised": torch.float64})
    return _fits(seen.data.double().flatten(), law, near or {})


def _fits(numbers: Tensor, law: Law, near: Laws) -> Tensor:
    expect(bool(numbers.isfinite().all()), "the result holds NaN or infinity")
    numbers = numbers.sort().values
    distinct = 1 + int((numbers.diff() > 0).sum())
    repeated = f"{numbers.numel()} draws have only {distinct} different values"
    expect(distinct >= 0.95 * numbers.numel(), repeated, "the same few numbers, or whole numbers, over and over")
    if not law.fits(numbers):
        seen = f"mean {float(numbers.mean()):.3g}, standard deviation {float(numbers.std()):.3g}"
        wrong = next((sentence for sentence, other in near.items() if other.fits(numbers)), None)
        raise Failed(f"the numbers don't follow the distribution that the docstring promises: {seen}", wrong)
    return numbers


def within(numbers: Tensor, low: float, high: float) -> None:
    """No number lies outside, but for rounding in float32; and many of them come near to either bound."""
    slack = 2 * torch.finfo(torch.float32).eps * max(abs(low), abs(high))
    inside = (numbers >= low - slack) & (numbers <= high + slack)
    expect(bool(inside.all()), f"{int((~inside).sum())} of {numbers.numel()} numbers lie outside of the bounds")
    if numbers.numel() > 1000:
        near = 40 / numbers.numel() * (high - low)  # the share of 40 numbers: none within happens once in e**40 times
        expect(
            float(numbers.min()) < low + near + slack,
            "no number comes near to the lower bound",
            "the range is too small",
        )
        expect(
            float(numbers.max()) > high - near - slack,
            "no number comes near to the upper bound",
            "the range is too small",
        )


def singles(student, fresh, sizes: tuple[int, ...], law: Law, *args: Any, count: int = 80) -> Tensor:
    """80 results of one number each (or the sums of a few), every one from a generator of its own."""
    takes(student, f"a result of shape {sizes} can't be made", *args)
    calls = [(*args, Seeded(fresh.seed())) for _ in range(count)]
    values = sequence(student.probe("call_many", student.task, calls), count)
    sums = torch.stack([dtype(shape(v, sizes), torch.float32).data.double().sum() for v in values])
    balanced = "the numbers are moved, or mirrored, to have the mean exactly: they depend on each other"
    steady = math.prod(sizes) > 1 and float(sums.std()) < 1e-3 * law.std
    expect(not steady, f"the sum of {math.prod(sizes)} numbers is always the same", balanced)
    return _fits(sums, law, {})


def obeys_generators(student, fresh, sizes: tuple[int, ...], law: Law, *args: Any, place: str = "cpu") -> None:
    """All numbers come from the generator that is given, else from torch's global one."""
    seed, another = fresh.seed(), fresh.seed()
    given = {"first": Seeded(seed, place), "equal": Seeded(seed, place), "other": Seeded(another, place)}
    seen = fields(student.probe("draws", student.task, args, place, given), "first", "next", "equal", "other", "kept")
    for name in ("first", "next", "equal", "other"):
        follows(on(seen[name], place), sizes, law)
    moved = "draws from the global generator, though another is given"
    expect(boolean(seen["kept"]), "torch's global generator moved though a generator was given", moved)
    _equal(seen["first"], seen["equal"], "generators with equal seeds give", "the generator that is given is not used")
    stuck = "the generator that is given is not used up: its seed starts a new stream in each call"
    _different(seen["first"], seen["next"], "two calls with one generator give", stuck)
    _different(seen["first"], seen["other"], "generators with different seeds give", "the generator's seed is ignored")
    _obeys_global(student, fresh, sizes, law, args, place)


def _obeys_global(student, fresh, sizes: tuple[int, ...], law: Law, args: tuple[Any, ...], place: str) -> None:
    seed, another = fresh.seed(), fresh.seed()
    pairs = sequence(student.probe("reseeded", student.task, args, place, [seed, another, seed]), 3)
    (first, second), (other, _), (again, later) = (sequence(pair, 2) for pair in pairs)
    for value in (first, second, other, again, later):
        follows(on(value, place), sizes, law)
    foreign = "without a generator the numbers don't come from torch's global one"
    _equal(first, again, "equal seeds of torch.manual_seed give", foreign)
    _equal(second, later, "equal seeds of torch.manual_seed give", foreign)
    stuck = "without a generator every call starts the same stream anew"
    _different(first, second, "two calls without a generator give", stuck)
    _different(first, other, "different seeds of torch.manual_seed give", stuck)


def _equal(a: Seen, b: Seen, start: str, diagnosis: str) -> None:
    expect(torch.equal(a.data, b.data), f"{start} different numbers", diagnosis)


def _different(a: Seen, b: Seen, start: str, diagnosis: str) -> None:
    same = a.data.numel() > 1 and torch.equal(a.data, b.data)  # a single number may come twice by chance
    expect(not same, f"{start} the same numbers", diagnosis)
