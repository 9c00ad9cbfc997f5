"""scores.csv: a row a student, a column a topic, and the total.

UTF-8 with a byte order mark: without it, Excel shows 大海 as å¤§æµ·.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from pathlib import Path

from grader.files import write_atomically
from grader.policy import Grade, Policy, lateness, policy_of
from grader.reports.escape import csv_cell
from grader.reports.words import Row, all_topics, points, row_of
from grader.results import Results, Submission

GRADE = ("late", "penalty", "final", "passed")


class Scores:
    """Rows are kept until the topics of all are known."""

    def __init__(self, path: Path, policy: Policy | None) -> None:
        self.path, self.policy = path, policy
        self.rows: list[Row] = []
        self.grades: list[list[str]] = []  # of each row; nothing where the course has no policy

    def add(self, submission: Submission) -> None:
        self.rows.append(row_of(submission))
        self.grades.append(_grade(self.policy.grade(submission)) if self.policy else [])

    def finish(self) -> list[Path]:
        topics = all_topics(self.rows)
        header = ["student", "status", *topics, "total", "out of", *(GRADE if self.policy else ()), "message"]
        rows = (_cells(row, topics, grade) for row, grade in zip(self.rows, self.grades, strict=True))
        write_atomically(self.path, _lines(header, rows), encoding="utf-8-sig")
        return [self.path]


def begin(results: Results, out: Path) -> Scores:
    return Scores(out / "scores.csv", policy_of(results))


def _cells(row: Row, topics: list[str], grade: list[str]) -> list[str]:
    earned = [points(row.topics[topic]) if topic in row.topics else "" for topic in topics]
    return [row.id, row.status, *earned, points(row.points), points(row.max_points), *grade, row.message]


def _grade(grade: Grade) -> list[str]:
    final = "" if grade.final is None else points(grade.final)
    passed = {True: "yes", False: "no", None: ""}[grade.passed]
    return [lateness(grade.late), points(grade.penalty), final, passed]


def _lines(header: list[str], rows: Iterable[list[str]]) -> Iterator[str]:
    for row in (header, *rows):
        line = io.StringIO()
        csv.writer(line).writerow([csv_cell(cell) for cell in row])
        yield line.getvalue()
