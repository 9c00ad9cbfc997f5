"""What a class made of each check, kept as sums, so that a class of any size takes the same memory."""

import math
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from grader.reports.measures import Speed, speed_of
from grader.results import CheckResult, Submission

Key = tuple[str, str, str, str]  # topic, task, kind, name
ENOUGH = 5  # graded submissions, below which a correlation says nothing
NO_SPREAD = 1e-9
MOST_DIAGNOSES = 1000  # they may hold words of strangers, so there may be any number


@dataclass
class Paces:
    """Speeds of one check."""

    count: int = 0
    logs: float = 0.0
    fastest: float = math.inf
    slowest: float = 0.0
    limit: float | None = None

    def add(self, speed: Speed) -> None:
        self.count += 1
        self.logs += math.log(speed.ratio)
        self.fastest, self.slowest = min(self.fastest, speed.ratio), max(self.slowest, speed.ratio)
        self.limit = speed.limit

    @property
    def mean(self) -> float:
        """The geometric one."""
        return math.exp(self.logs / self.count)


@dataclass
class Tally:
    """One check in all graded submissions."""

    topic: str
    task: str
    kind: str
    name: str
    count: int = 0
    earned: float = 0.0
    most: float = 0.0
    statuses: Counter[str] = field(default_factory=Counter)
    paces: Paces = field(default_factory=Paces)
    rest: float = 0.0  # sum of what the others of its submission earned
    squares: float = 0.0
    rest_of_passed: float = 0.0

    def add(self, check: CheckResult, total: float) -> None:
        rest = total - check.points
        self.count += 1
        self.earned += check.points
        self.most += check.max_points
        self.statuses[check.status] += 1
        self.rest += rest
        self.squares += rest * rest
        self.rest_of_passed += rest if check.status == "passed" else 0.0
        if check.measured and (speed := speed_of(check.measured)):
            self.paces.add(speed)

    @property
    def passed(self) -> int:
        return self.statuses["passed"]

    @property
    def share(self) -> float:
        return share(self.earned, self.most)

    @property
    def discrimination(self) -> float | None:
        """Point-biserial correlation of passing with the points for all other checks; None where nothing varies."""
        if self.count < ENOUGH:
            return None
        passing, mean = self.passed / self.count, self.rest / self.count
        spread = (self.squares / self.count - mean * mean) * passing * (1 - passing)
        if spread < NO_SPREAD:
            return None
        return (self.rest_of_passed / self.count - passing * mean) / math.sqrt(spread)


@dataclass
class Part:
    """A task, or a topic, in all graded submissions."""

    topic: str
    task: str  # empty for a topic
    tallies: list[Tally]

    @property
    def share(self) -> float:
        return share(sum(tally.earned for tally in self.tallies), sum(tally.most for tally in self.tallies))

    @property
    def statuses(self) -> Counter[str]:
        return sum((tally.statuses for tally in self.tallies), Counter[str]())


class Tallies:
    """Everything that is summed over a class."""

    def __init__(self) -> None:
        self.graded = 0
        self.checks: dict[Key, Tally] = {}
        self.diagnoses: Counter[str] = Counter()  # submissions in which it was made

    def add(self, submission: Submission) -> None:
        """A graded submission."""
        self.graded += 1
        for check in submission.checks:
            key = check.topic, check.task, check.kind, check.name
            tally = self.checks.get(key) or self.checks.setdefault(key, Tally(*key))
            tally.add(check, submission.points)
        for diagnosis in {check.diagnosis for check in submission.checks if check.diagnosis}:
            if diagnosis in self.diagnoses or len(self.diagnoses) < MOST_DIAGNOSES:
                self.diagnoses[diagnosis] += 1

    @property
    def statuses(self) -> Counter[str]:
        return sum((tally.statuses for tally in self.checks.values()), Counter[str]())

    def tasks(self) -> list[Part]:
        """In the order of the checks."""
        tasks: dict[tuple[str, str], Part] = {}
        for tally in self.checks.values():
            tasks.setdefault((tally.topic, tally.task), Part(tally.topic, tally.task, [])).tallies.append(tally)
        return list(tasks.values())

    def topics(self) -> list[tuple[Part, list[Part]]]:
        """Each topic as a whole, and its tasks."""
        topics: dict[str, list[Part]] = {}
        for part in self.tasks():
            topics.setdefault(part.topic, []).append(part)
        return [
            (Part(topic, "", [tally for part in parts for tally in part.tallies]), parts)
            for topic, parts in topics.items()
        ]

    def hardest(self, most: int) -> list[Part]:
        """Tasks of which the least was earned."""
        return sorted(self.tasks(), key=lambda part: part.share)[:most]

    def with_speed(self) -> Iterator[Tally]:
        return (tally for tally in self.checks.values() if tally.paces.count)

    def discriminating(self) -> list[tuple[Tally, float]]:
        """The checks that tell submissions apart, those first that tell the least or the wrong way round."""
        known = ((tally, tally.discrimination) for tally in self.checks.values())
        return sorted(((tally, value) for tally, value in known if value is not None), key=lambda pair: pair[1])


def pace_of(checks: Iterable[CheckResult]) -> float | None:
    """A submission's speed: the geometric mean of its ratios, each as a multiple of its limit."""
    speeds = [speed for check in checks if check.measured and (speed := speed_of(check.measured))]
    logs = [math.log(speed.ratio / speed.limit) for speed in speeds if speed.limit]
    return math.exp(math.fsum(logs) / len(logs)) if logs else None


def share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0
