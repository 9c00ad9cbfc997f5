"""scores.csv: a row a student, a column a topic, and the total.

UTF-8 with a byte order mark: without it, Excel shows 大海 as å¤§æµ·.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from pathlib import Path

from grader.reports.escape import csv_cell
from grader.reports.words import all_topics, points, topic_points
from grader.results import Results, Submission, write_atomically


def write(results: Results, out: Path) -> list[Path]:
    path = out / "scores.csv"
    topics = all_topics(results)
    header = ["student", "status", *topics, "total", "out of", "message"]
    rows = (_row(submission, topics) for submission in results.submissions)
    write_atomically(path, _lines(header, rows), encoding="utf-8-sig")
    return [path]


def _row(submission: Submission, topics: list[str]) -> list[str]:
    earned = topic_points(submission)
    cells = [points(earned[topic]) if topic in earned else "" for topic in topics]
    total = [points(submission.points), points(submission.max_points)]
    return [submission.id, submission.status, *cells, *total, submission.message]


def _lines(header: list[str], rows: Iterable[list[str]]) -> Iterator[str]:
    for row in (header, *rows):
        line = io.StringIO()
        csv.writer(line).writerow([csv_cell(cell) for cell in row])
        yield line.getvalue()
