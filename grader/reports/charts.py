"""Where the parts of a chart lie. Templates draw them; nothing here is markup or text of a stranger."""

import math
import statistics
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from grader.reports.measures import Speed
from grader.reports.words import points

WIDTH = 320  # of a chart, in its own units: a phone shows it about as large
EDGE = 36  # a label this near to an edge begins or ends there
FURTHEST = 4  # times the limit: what is slower is drawn as an open end
BINS = 10
SLOWEST = 4  # doublings to either side of the limit


@dataclass(frozen=True)
class Mark:
    """A vertical line and its label."""

    x: float
    text: str

    @property
    def anchor(self) -> str:
        """So that the label stays inside."""
        return "start" if self.x < EDGE else "end" if self.x > WIDTH - EDGE else "middle"


@dataclass(frozen=True)
class Bar:
    """A speed as a bar beside the reference and the limit."""

    label: str
    length: float
    is_open: bool
    reference: Mark
    limit: Mark | None

    @property
    def sentence(self) -> str:
        """The label as one begins."""
        return self.label[:1].upper() + self.label[1:]


def speed_bar(speed: Speed) -> Bar:
    limit = speed.limit or 1.0
    end = min(max(speed.ratio, limit, 1.0) * 1.08, FURTHEST * max(limit, 1.0))

    def x(ratio: float) -> float:
        return round(WIDTH * min(ratio / end, 1.0), 1)

    return Bar(
        label=speed.sentence(),
        length=x(speed.ratio),
        is_open=speed.stopped or x(speed.ratio) >= WIDTH,
        reference=Mark(x(1.0), "reference: 1"),
        limit=Mark(x(limit), f"limit: {points(limit)}") if speed.limit else None,
    )


@dataclass(frozen=True)
class Column:
    """A column of a histogram: from which percentage to which, how many, and how high."""

    low: int
    high: int
    count: int
    height: float


def histogram(shares: Iterable[float]) -> list[Column]:
    """How many submissions earned which share of the points."""
    counts = Counter(min(int(share * BINS), BINS - 1) for share in shares)
    most = max(counts.values(), default=1)
    step = 100 // BINS
    return [Column(k * step, (k + 1) * step, counts[k], round(100 * counts[k] / most, 1)) for k in range(BINS)]


@dataclass(frozen=True)
class Dot:
    """Some submissions at one place of a scatter plot."""

    x: float
    y: float
    radius: float
    count: int


def scatter(pairs: Iterable[tuple[float, float]]) -> list[Dot]:
    """(speed as a multiple of the limit, share of the points) on a grid, so that a large class draws no more."""
    places = Counter((_column(speed), round(20 * share)) for speed, share in pairs)
    return [
        Dot(round(WIDTH * column / 40, 1), round(160 - 8 * row, 1), round(4 + 1.5 * math.log2(count), 1), count)
        for (column, row), count in sorted(places.items())
    ]


def _column(speed: float) -> int:
    doublings = max(-SLOWEST, min(math.log2(speed), SLOWEST))
    return round(20 + 20 * doublings / SLOWEST)


def level(share: float) -> int:
    """A shade of the heat map, of six."""
    return min(int(share * 6), 5)


def quartiles(values: Sequence[float]) -> tuple[float, float, float]:
    """Of at least one value."""
    low, middle, high = statistics.quantiles([*values] * (1 + (len(values) == 1)), method="inclusive")
    return low, middle, high
