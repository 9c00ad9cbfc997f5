"""feedback/<id>.html: what a student reads, in a browser, on a phone or on paper."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from markupsafe import Markup

from grader.policy import Grade, policy_of
from grader.reports.charts import Bar, speed_bar
from grader.reports.each import FileForEach
from grader.reports.escape import html
from grader.reports.measures import Code, code_of, counts_of, cpu_ops_of, speed_of
from grader.reports.pages import page
from grader.reports.words import MARKS, STATUSES, by_task, by_topic, final_words, grade_words, protection, said_once
from grader.results import CheckResult, Results, Run, Submission

# As Raised.sentence says it: in line 3 of cell 2 of modules.py (`x = y`)
PLACE = re.compile(
    r"in (line \d{1,6}(?: of cell \d{1,6})?(?: of [\w.-]{1,99}\.(?:py|ipynb))?) \(`(.{0,300}?)`\)(?=:|;|$)", re.DOTALL
)


@dataclass(frozen=True)
class Line:
    """One of the student's own."""

    number: int
    is_marked: bool
    text: Markup


@dataclass(frozen=True)
class Told:
    """A check as a page tells it."""

    check: CheckResult
    mark: str
    words: str
    message: str
    place: str
    code: str
    lines: list[Line]
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
        return list(_once(told(check) for check in self.checks if check.status != "passed"))

    @property
    def tasks(self) -> list["Group"]:
        return [Group(*item) for item in by_task(said_once(self.checks)).items()]

    @property
    def count_passed(self) -> int:
        return sum(check.status == "passed" for check in self.checks)


def begin(results: Results, out: Path) -> FileForEach:
    policy = policy_of(results)

    def lines(submission: Submission, run: Run) -> Iterator[str]:
        return _lines(submission, run, policy.grade(submission) if policy else None)

    return FileForEach(results, out, ".html", lines)


def _lines(submission: Submission, run: Run, grade: Grade | None = None) -> Iterator[str]:
    topics = [Group(*item) for item in by_topic(submission).items()]
    final, grade_said = (final_words(grade), grade_words(grade)) if grade else ("", [])
    yield page(
        "feedback.html",
        submission=submission,
        final=final,
        grade_said=grade_said,
        topics=topics,
        run=run,
        protection=protection(run),
    )


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
        lines=lines_of(code_of(check.measured)),
        bar=speed_bar(speed) if speed else None,
        counts=counts_of(check.measured),
        cpu_ops=cpu_ops_of(check.measured),
    )


def lines_of(code: Code | None) -> list[Line]:
    """With their indents, which text in a page would lose."""
    if code is None:
        return []
    texts = [text.expandtabs(4) for text in code.text.split("\n")]
    numbered = enumerate(texts, start=code.first)
    return [Line(number, number == code.mark, _indented(text)) for number, text in numbered]


def _indented(text: str) -> Markup:
    return Markup(" " * (len(text) - len(text.lstrip(" "))) + html(text))


def _once(others: Iterator[Told]) -> Iterator[Told]:
    """Checks of one task are about the same lines: each is shown with the first."""
    before: list[Line] = []
    for one in others:
        yield replace(one, lines=[]) if one.lines == before else one
        before = one.lines


def split(message: str) -> tuple[str, str, str]:
    """(the message without its line of code, where that line is, the line)."""
    found = PLACE.search(message)
    if not found:
        return message, "", ""
    return f"{message[: found.start()]}in {found[1]}{message[found.end() :]}", found[1], found[2]
