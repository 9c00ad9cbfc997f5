"""What reports and the live view say alike: statuses in words, points, totals of topics, the protection."""

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from grader.policy import Grade, lateness
from grader.reports.escape import plain
from grader.results import CheckResult, Run, Status, Submission

STATUSES: dict[Status, str] = {
    "passed": "passed",
    "failed": "failed",
    "error": "error (the code broke)",
    "timeout": "timeout (it took too long)",
    "not_started": "not started",
    "unproven": "unproven (the machine could not tell; nothing is earned yet)",
}
MARKS: dict[Status, str] = {
    "passed": "✓",
    "failed": "✗",
    "error": "!",
    "timeout": "⧗",
    "not_started": "○",
    "unproven": "?",
}
NOTABLE: dict[Status, str] = {
    "error": "broke",
    "timeout": "timed out",
    "not_started": "not started",
    "unproven": "unproven",
}


def points(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def of(earned: float, most: float) -> str:
    return f"{points(earned)} of {points(most)}"


def final_words(grade: Grade) -> str:
    """The final grade, where there is one."""
    return f"Final: {points(grade.final)} %" if grade.final is not None else ""


def grade_words(grade: Grade) -> list[str]:
    """What lateness took, and whether the final grade is enough, as far as a course's policy says so."""
    late = [f"late by {lateness(grade.late)}, which takes off {points(grade.penalty)} %"] if grade.late else []
    passed = [] if grade.passed is None else ["passed" if grade.passed else "not passed"]
    return [*late, *passed]


def title(check: CheckResult) -> str:
    return _title(check.topic, *([check.task] if check.task else []), check.name)


@functools.lru_cache(2048)
def _title(*parts: str) -> str:
    return ": ".join(map(plain, parts))


def details(check: CheckResult) -> list[tuple[str, str]]:
    """What a student is told of a check that earned nothing, as (label, text)."""
    if check.status == "passed":
        return []
    parts = {"": check.message, "Diagnosis: ": check.diagnosis, "Hint: ": check.hint}
    return [(label, text) for label, text in parts.items() if text]


def told(check: CheckResult) -> list[str]:
    """The same, a line each."""
    return [f"{label}{text}" for label, text in details(check)]


def by_topic(submission: Submission) -> dict[str, list[CheckResult]]:
    topics: dict[str, list[CheckResult]] = {}
    for check in submission.checks:
        topics.setdefault(check.topic, []).append(check)
    return topics


def by_task(checks: list[CheckResult]) -> dict[str, list[CheckResult]]:
    tasks: dict[str, list[CheckResult]] = {}
    for check in checks:
        tasks.setdefault(check.task, []).append(check)
    return tasks


def said_once(checks: list[CheckResult]) -> list[CheckResult]:
    """The checks of a topic; one in the place of all, of no task, where there is the same to say of each.

    So it is with a file that was not handed in, or that can't be loaded.
    """
    first, said = checks[0], {(check.status, check.message, check.diagnosis) for check in checks}
    if len(checks) == 1 or len(said) > 1 or first.status == "passed" or not first.message:
        return checks
    sums = {name: sum(getattr(check, name) for check in checks) for name in ("points", "max_points", "seconds")}
    return [first.model_copy(update={**sums, "task": "", "name": f"all {len(checks)} checks", "hint": ""})]


@dataclass(frozen=True)
class Row:
    """A submission in one line: what a table of a class needs of it."""

    id: str
    status: str
    message: str
    points: float
    max_points: float
    topics: Mapping[str, float]
    full: int  # topics with full points
    outcome: str


def row_of(submission: Submission) -> Row:
    topics = by_topic(submission)
    same = {name: getattr(submission, name) for name in ("id", "status", "message", "points", "max_points")}
    return Row(
        **same,
        topics={topic: sum(check.points for check in checks) for topic, checks in topics.items()},
        full=sum(all(check.status == "passed" for check in checks) for checks in topics.values()),
        outcome=outcome(submission),
    )


def all_topics(rows: Iterable[Row]) -> list[str]:
    return list(dict.fromkeys(topic for row in rows for topic in row.topics))


def outcome(submission: Submission) -> str:
    """A submission's status in words, with what an instructor would look at."""
    if submission.status == "unreadable":
        return "unreadable"
    statuses = [check.status for check in submission.checks]
    counts = [f"{statuses.count(status)} {word}" for status, word in NOTABLE.items() if status in statuses]
    return ", ".join(["graded", *counts])


def protection(run: Run) -> str:
    """Which walls stood between the students' code and this machine."""
    layers, missing = run.confinement.layers, run.confinement.missing
    active = f"Protection: {', '.join(layers)}" if layers else "UNSANDBOXED: submissions ran without protection"
    return f"{active}; missing: {', '.join(missing)}" if missing else active
