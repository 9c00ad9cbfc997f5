"""`python -m grader.nbgrading.scores results/results.json URL`: points into the gradebook that nbgrader keeps.

The points of a task become the automatic score of its grade cell. What people have entered there is theirs: manual
scores, extra credit, comments, due dates, extensions, other assignments, other students. nbgrader is imported only when
scores are written.
"""

import argparse
import math
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from grader.course import CourseError
from grader.nbgrading.cells import GradeCell, grade_cells
from grader.policy import read_submitted
from grader.reports.escape import workflow
from grader.results import CheckResult, ResultsError, Submission, read_results

AGAIN = "python -m grader.nbgrading.scores"
LONGEST = 128  # characters of a student's id in nbgrader's tables
NAMED = 10  # new students: of a whole class that is new, the number says enough

Place = tuple[str, str]  # of a grade cell: its assignment and its grade_id


class ScoresError(Exception):
    """The scores can't go there; the message says why and what to do."""


class Score(NamedTuple):
    """What a submission earns in a grade cell, and whether every check of it had a verdict."""

    points: float
    proven: bool


@dataclass
class Scores:
    """A report that is told every submission and keeps a few numbers of each: a database wants all cells first."""

    submitted: Mapping[str, datetime] = field(default_factory=dict)
    cells: dict[Place, GradeCell] = field(default_factory=dict)
    students: dict[str, dict[Place, Score]] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)  # who has no score, and why

    def add(self, submission: Submission) -> None:
        reason = self._reason(submission)
        if reason:
            self.left_out[submission.id] = reason
            self.students.pop(submission.id, None)
            return
        for cell in grade_cells(submission.checks):
            place = cell.assignment, cell.grade_id
            self.cells[place] = max(cell, self.cells.get(place, cell), key=lambda one: one.max_score)
        self.students[submission.id] = _scores(submission.checks)

    def finish(self) -> list[Path]:
        """Nothing: into the database they go once everything else is written."""
        return []

    def _reason(self, submission: Submission) -> str:
        id = submission.id
        if id in self.students or id in self.left_out:
            return "is there twice"
        if not id or len(id) > LONGEST or "\0" in id:
            return f"can't be a name there: it needs 1 to {LONGEST} characters, none of them NUL"
        return "could not be read" if submission.status == "unreadable" else ""


@dataclass
class Written:
    """What went into the gradebook, and what somebody should know of it."""

    where: str  # the URL, without its password
    students: int
    new: list[str]
    notes: list[str]

    def lines(self) -> list[str]:
        """The same in words."""
        count = f"{self.students} submission{'' if self.students == 1 else 's'}"
        known = f"new there: {_names(self.new)}" if self.new else "all known there"
        return [f"into nbgrader's gradebook {self.where}: scores of {count} ({known})", *self.notes]


def write_scores(scores: Scores, address: str) -> Written:
    """All scores in one transaction; the address is a URL, or the path of an SQLite file."""
    try:
        from grader.nbgrading.database import shown, transaction
        from grader.nbgrading.writing import write
    except ImportError as error:
        raise ScoresError(f"nbgrader can't be imported here ({error}): pip install nbgrader") from error
    with transaction(address) as gradebook:
        new, notes = write(gradebook, scores)
    notes += [f"{id} has no score: it {reason}" for id, reason in scores.left_out.items()]
    return Written(shown(address), len(scores.students), new, notes)


def told(submissions: Iterable[Submission], submitted: Mapping[str, datetime] | None = None) -> Scores:
    """The scores of these submissions."""
    scores = Scores(submitted or {})
    for submission in submissions:
        scores.add(submission)
    return scores


def _scores(checks: Sequence[CheckResult]) -> dict[Place, Score]:
    points: dict[Place, list[float]] = {}
    unproven = set()
    for check in checks:
        place = sys.intern(check.topic), sys.intern(check.task)
        points.setdefault(place, []).append(check.points)
        if check.status == "unproven":
            unproven.add(place)
    return {place: Score(math.fsum(earned), place not in unproven) for place, earned in points.items()}


def _names(ids: Sequence[str]) -> str:
    return ", ".join(ids) if len(ids) <= NAMED else f"{len(ids)}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Write; returns 0 when every submission has its scores there, 1 when not (usage errors exit with 2)."""
    options = _parser().parse_args(arguments)
    try:
        submitted = read_submitted(options.submitted) if options.submitted else {}
        scores = told(read_results(options.results).submissions, submitted)
        written = write_scores(scores, options.gradebook)
    except (OSError, CourseError, ResultsError, ScoresError) as error:
        print(f"error: {workflow(str(error))}", file=sys.stderr)
        return 1
    for line in written.lines():
        print(workflow(line))
    return 1 if scores.left_out else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=AGAIN, description="Points into the gradebook that nbgrader keeps.")
    parser.add_argument("results", type=Path, metavar="RESULTS", help="results.json")
    parser.add_argument("gradebook", metavar="URL", help="its database's URL, or the path of an SQLite file")
    parser.add_argument("--submitted", type=Path, metavar="FILE", help="CSV with id,time: when each was handed in")
    return parser


if __name__ == "__main__":
    sys.exit(main())
