"""Speed as a ratio of CPU times, measured from outside, in interleaved pairs."""

import statistics
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from grader.student import Raised, Student
from grader.verdicts import Failed, TimedOut, Unproven

PAIRS = (5, 9, 15, 25)  # decide after so many pairs, if the case is clear by then
CLEAR = 1.3  # clear: every quartile of the ratios is this factor from the limit
STEADY = (0.9, 1.1)  # the reference against itself; outside, the machine can't tell a near case
GIVE_UP = 12.0  # a request that takes this many times the limit is stopped: it is slow without a second look
GRACE = 0.5  # seconds on top of all, for loading and first calls

Verify = Callable[[Any, Any], None]


@dataclass
class Race:
    """A student's and the reference's session, pinned to one core."""

    student: Student
    reference: Student

    def __post_init__(self) -> None:
        self.clocks = _Clock(self.student), _Clock(self.reference)

    def __call__(self, probe: str, unit: Callable[[], tuple[Any, ...]], verify: Verify, *, limit: float) -> None:
        """Pass when the student's CPU time is below `limit` times the reference's.

        `unit()` draws the arguments of one timed request to `probe`, fresh each time. `verify(value, reference)`
        judges the student's reply to it. All CPU time between two readings belongs to the request that ends there.
        The first pair only warms up: first calls cost more, and a wrong answer needs no clock.
        """
        self.spent = list(self._pair(probe, unit(), verify, limit))
        ratios: list[float] = []
        base: list[float] = []
        for count in PAIRS:
            while len(ratios) < count:
                own, other = self._pair(probe, unit(), verify, limit)
                self.spent = [self.spent[0] + own, self.spent[1] + other]
                ratios.append(own / other)
                base.append(other)
            self._record(ratios, base, limit)
            if _clear(ratios, limit):
                break
        self._decide(ratios, base, limit)
        self._bill(limit)

    def _pair(self, probe: str, arguments: tuple[Any, ...], verify: Verify, limit: float) -> tuple[float, float]:
        """CPU seconds of the student and of the reference for one request, whose answer is verified."""
        other, expected = self.clocks[1].timed(probe, arguments)
        if isinstance(expected, Raised):
            raise RuntimeError(f"the reference raised {expected.sentence()}")
        allowed = GIVE_UP * limit * other + GRACE
        self.student.limits = replace(self.student.limits, cpu=min(self.student.limits.cpu, allowed))
        try:
            own, value = self.clocks[0].timed(probe, arguments)
        except TimedOut as verdict:
            if verdict.cpu:
                self.student.measured.update(at_least=round(allowed / other, 1), limit=limit)
                raise Failed(
                    f"stopped after more than {GIVE_UP * limit:.0f} times the CPU time of the reference"
                ) from None
            raise
        if isinstance(value, Raised):
            raise self.student.broken(value)
        verify(value, expected)
        return own, other

    def _record(self, ratios: list[float], base: list[float], limit: float) -> None:
        self.student.measured.update(
            ratio=round(statistics.median(ratios), 3),
            limit=limit,
            pairs=len(ratios),
            reference_ms=round(statistics.median(base) * 1e3, 3),
            steadiness=round(_steadiness(base), 3),
        )

    def _decide(self, ratios: list[float], base: list[float], limit: float) -> None:
        ratio = statistics.median(ratios)
        if not _clear(ratios, limit) and not STEADY[0] <= _steadiness(base) <= STEADY[1]:
            raise Unproven(f"the machine was too noisy to tell: about {ratio:.2f} times the reference")
        if ratio >= limit:
            raise Failed(f"takes {ratio:.1f} times the CPU time of the reference; the limit is {limit:g}")

    def _bill(self, limit: float) -> None:
        """The whole race, loading and the first pair included: no work is free."""
        own, other = self.spent
        if own > limit * other + GRACE:
            raise Failed(
                f"takes {own:.2f} s of CPU time in all, the reference {other:.2f} s: work is done while loading, "
                "in the first call or between calls",
                "work is moved to where it was hoped to be free",
            )


@dataclass
class _Clock:
    """A subject's CPU clock. What it uses between two requests, the second pays for; the first, for loading, too."""

    subject: Student
    last: float = 0.0

    def timed(self, probe: str, arguments: tuple[Any, ...]) -> tuple[float, Any]:
        """CPU seconds since the last reading, and the reply."""
        self.subject.load()
        before = self.last
        value = self.subject.outcome(probe, *arguments)
        self.last = self.subject.channel.cpu_seconds()
        return max(self.last - before, 1e-9), value


def _clear(ratios: list[float], limit: float) -> bool:
    low, _, high = statistics.quantiles(ratios, n=4)
    return high * CLEAR < limit or low > limit * CLEAR


def _steadiness(base: list[float]) -> float:
    """The reference against itself: medians of every other unit."""
    return statistics.median(base[::2]) / statistics.median(base[1::2])
