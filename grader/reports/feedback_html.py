"""feedback/<id>.html: what a student reads, in a browser, on a phone or on paper."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from grader.reports.charts import Bar, speed_bar
from grader.reports.each import FileForEach
from grader.reports.measures import counts_of, cpu_ops_of, speed_of
from grader.reports.pages import page
from grader.reports.words import MARKS, STATUSES, by_task, by_topic, protection
from grader.results import CheckResult, Results, Run, Submission

# As Raised.sentence says it: in line 3 of cell 2 of modules.py (`x = y`)
PLACE = re.compile(r"in (line \d+(?: of cell \d+)?(?: of [\w.-]+\.(?:py|ipynb))?) \(`(.*?)`\)(?=:|;|$)", re.DOTALL)


@dataclass(frozen=True)
class Told:
    """A check as a page tells it."""

    check: CheckResult
    mark: str
    words: str
    message: str
    place: str
    code: str
    bar: Bar | None
    counts: dict[str, str]
    cpu_ops: str


@dataclass(frozen=True)
class Group:
    """Checks that belong together: of a topic, or of a task."""

    name: str
    checks: list[CheckResult]

    @property
    def points(self) -> float:
        return sum(check.points for check in self.checks)

    @property
    def max_points(self) -> float:
        return sum(check.max_points for check in self.checks)

    @property
    def passed(self) -> list[Told]:
        return [told(check) for check in self.checks if check.status == "passed"]

    @property
    def others(self) -> list[Told]:
        return [told(check) for check in self.checks if check.status != "passed"]

    @property
    def tasks(self) -> list["Group"]:
        return [Group(*item) for item in by_task(self.checks).items()]

    @property
    def count_passed(self) -> int:
        return sum(check.status == "passed" for check in self.checks)


def begin(results: Results, out: Path) -> FileForEach:
    return FileForEach(results, out, ".html", _lines)


def _lines(submission: Submission, run: Run) -> Iterator[str]:
    topics = [Group(*item) for item in by_topic(submission).items()]
    yield page("feedback.html", submission=submission, topics=topics, run=run, protection=protection(run))


def told(check: CheckResult) -> Told:
    """What there is to say of a check."""
    message, place, code = split(check.message)
    speed = speed_of(check.measured)
    return Told(
        check=check,
        mark=MARKS[check.status],
        words=STATUSES[check.status],
        message=message,
        place=place,
        code=code,
        bar=speed_bar(speed) if speed else None,
        counts=counts_of(check.measured),
        cpu_ops=cpu_ops_of(check.measured),
    )


def split(message: str) -> tuple[str, str, str]:
    """(the message without its line of code, where that line is, the line)."""
    found = PLACE.search(message)
    if not found:
        return message, "", ""
    return f"{message[: found.start()]}in {found[1]}{message[found.end() :]}", found[1], found[2]
