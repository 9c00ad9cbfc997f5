"""From points to grades: what a course's policy makes of a graded submission, and what of it a student may see.

Nothing here reads a clock or a file but `read_submitted`. results.json holds raw points, and no policy changes it.
"""

import csv
import math
import operator
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from grader.collecting.names import clean_name
from grader.course import AFTER_DUE, Course, CourseError, When
from grader.results import ROUNDING, CheckResult, Results, Submission

UNITS = {"day": timedelta(days=1), "hour": timedelta(hours=1)}
ON_TIME = timedelta()


@dataclass(frozen=True)
class Grade:
    """Of one submission; percentages. None: there is nothing to grade, or nothing to pass."""

    late: timedelta
    penalty: float  # what lateness takes off
    final: float | None
    passed: bool | None


@dataclass(frozen=True)
class Part:
    """What one topic brings."""

    weight: float
    percent: float
    late: timedelta
    penalty: float
    pass_mark: float | None

    @property
    def final(self) -> float:
        return self.percent * (1.0 - self.penalty / 100.0)


@dataclass(frozen=True)
class Policy:
    """A course's decisions, when each submission was handed in, and the present."""

    course: Course
    submitted: Mapping[str, datetime]
    now: datetime

    def grade(self, submission: Submission) -> Grade:
        """The weighted mean of the topics that count, less what lateness takes off each."""
        parts = self._parts(submission)
        late = max((part.late for part in parts), default=self._late(submission.id, self.course.due))
        if not parts:
            final = 0.0 if submission.status == "unreadable" else None
            return Grade(late, 0.0, final, self._passed(final, parts))
        weights = [part.weight for part in parts]
        earned, final = (_mean(weights, values) for values in ([p.percent for p in parts], [p.final for p in parts]))
        return Grade(late, max(0.0, earned - final), final, self._passed(final, parts))

    def visible(self, submission: Submission) -> Submission:
        """The submission without what its student may not see now."""
        checks = [self._visible(check) for check in submission.checks]
        return submission.model_copy(update={"checks": checks})

    def _parts(self, submission: Submission) -> list[Part]:
        topics: dict[str, list[CheckResult]] = {}
        for check in submission.checks:
            topics.setdefault(check.topic, []).append(check)
        return [
            self._part(submission.id, topic, checks)
            for topic, checks in topics.items()
            if self.course.topic(topic).counts and any(check.max_points for check in checks)
        ]

    def _part(self, id: str, name: str, checks: list[CheckResult]) -> Part:
        topic = self.course.topic(name)
        most = math.fsum(check.max_points for check in checks)
        percent = 100.0 * min(1.0, math.fsum(check.points for check in checks) / most)
        late = self._late(id, self.course.due_of(name))
        return Part(topic.weight, percent, late, self._penalty(late), topic.pass_mark)

    def _late(self, id: str, due: datetime | None) -> timedelta:
        """How long after the due date; within the grace period nothing is late."""
        time = self.submitted.get(id)
        if due is None or time is None or time - due <= self.course.late.grace:
            return ON_TIME
        return time - due

    def _penalty(self, late: timedelta) -> float:
        """A unit counts as soon as it has begun."""
        begun = -(-late // UNITS[self.course.late.per])
        return min(self.course.late.cap, begun * self.course.late.percent)

    def _passed(self, final: float | None, parts: list[Part]) -> bool | None:
        marks = [(part.final, part.pass_mark) for part in parts] + [(final, self.course.pass_mark)]
        asked = [(reached, mark) for reached, mark in marks if mark is not None]
        if final is None or not (asked or any(topic.pass_mark is not None for topic in self.course.topics.values())):
            return None
        if not parts:
            return False
        return all(reached is not None and reached >= mark - ROUNDING for reached, mark in asked) if asked else None

    def _visible(self, check: CheckResult) -> CheckResult:
        see = self.course.see
        hidden: dict[str, Any] = {}
        if not self._may_see(see.message, check.topic):
            hidden |= {"message": "", "measured": {}}
        if not self._may_see(see.hint, check.topic):
            hidden |= {"hint": ""}
        if not self._may_see(see.diagnosis, check.topic):
            hidden |= {"diagnosis": None}
        return check.model_copy(update=hidden) if hidden else check

    def _may_see(self, when: When, topic: str) -> bool:
        """After the due date means after the grace period, too: until then an answer still earns everything."""
        if when != AFTER_DUE:
            return when == "at once"
        due = self.course.due_of(topic)
        return due is not None and self.now - due > self.course.late.grace


@dataclass(frozen=True)
class Judged(Results):
    """Results and the policy that their reports go by."""

    policy: Policy = field(kw_only=True)


def _mean(weights: Sequence[float], values: Sequence[float]) -> float:
    return math.fsum(map(operator.mul, weights, values)) / math.fsum(weights)


def policy_of(results: Results) -> Policy | None:
    return results.policy if isinstance(results, Judged) else None


def lateness(late: timedelta) -> str:
    """In words; nothing for what is in time."""
    if late <= ON_TIME:
        return ""
    minutes = math.ceil(late / timedelta(minutes=1))
    amounts = {"d": minutes // 1440, "h": minutes // 60 % 24, "min": minutes % 60}
    return " ".join(f"{amount} {unit}" for unit, amount in amounts.items() if amount)


def read_submitted(path: Path) -> dict[str, datetime]:
    """Id to the time of the hand-in, from a CSV file with the columns id and time; an empty time is none."""
    times: dict[str, datetime] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            if not {"id", "time"} <= set(reader.fieldnames or ()):
                raise CourseError(f"{path}: line 1: the columns id and time are needed")
            for row in reader:
                _add(times, row, f"{path}: line {reader.line_num}")
    except OSError as error:
        raise CourseError(f"{path} can't be read: {error.strerror}") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise CourseError(f"{path}: {error}") from error
    return times


def _add(times: dict[str, datetime], row: Mapping[str, str | None], where: str) -> None:
    id, text = clean_name((row["id"] or "").strip()), (row["time"] or "").strip()
    if not text:
        return
    if id in times:
        raise CourseError(f"{where}: {id} has a time already")
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        time = None
    if time is None or time.tzinfo is None:
        raise CourseError(f"{where}: {text!r} is no time with an offset from UTC, as 2026-01-31T12:00:00+01:00")
    times[id] = time
