"""scores.csv: a row a student, a column a topic, and the total.

UTF-8 with a byte order mark: without it, Excel shows 大海 as å¤§æµ·.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from pathlib import Path

from grader.files import write_atomically
from grader.reports.escape import csv_cell
from grader.reports.words import Row, all_topics, points, row_of
from grader.results import Results, Submission


class Scores:
    """Rows are kept until the topics of all are known."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rows: list[Row] = []

    def add(self, submission: Submission) -> None:
        self.rows.append(row_of(submission))

    def finish(self) -> list[Path]:
        topics = all_topics(self.rows)
        header = ["student", "status", *topics, "total", "out of", "message"]
        write_atomically(self.path, _lines(header, (_cells(row, topics) for row in self.rows)), encoding="utf-8-sig")
        return [self.path]


def begin(results: Results, out: Path) -> Scores:
    return Scores(out / "scores.csv")


def _cells(row: Row, topics: list[str]) -> list[str]:
    earned = [points(row.topics[topic]) if topic in row.topics else "" for topic in topics]
    return [row.id, row.status, *earned, points(row.points), points(row.max_points), row.message]


def _lines(header: list[str], rows: Iterable[list[str]]) -> Iterator[str]:
    for row in (header, *rows):
        line = io.StringIO()
        csv.writer(line).writerow([csv_cell(cell) for cell in row])
        yield line.getvalue()
