"""canvas.csv: for Grades → Import in Canvas, which finds students by SIS Login ID: the submissions' ids.

The assignment has the name of the folder that the results are in. A submission that could not be read has an empty
cell, which changes nothing there: it was not graded, and somebody has to look at it before it is worth 0.
"""

import csv
import io
import re
from pathlib import Path

from grader.files import write_atomically
from grader.reports.escape import csv_cell
from grader.results import Results, Submission

COLUMNS = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
MOST = "Points Possible"
# What Canvas calls columns of its own: it passes over an assignment whose title holds one of them.
OWN = re.compile("(?:Current|Final) (?:Score|Points|Grade)|Override (?:Score|Grade|Status)")


class Canvas:
    """Rows are kept until the points possible are known."""

    def __init__(self, out: Path) -> None:
        self.path = out / "canvas.csv"
        self.title = OWN.sub(lambda found: found[0].lower(), out.resolve().name) or "gradkit"
        self.rows: list[list[str]] = []
        self.most = 0.0

    def add(self, submission: Submission) -> None:
        grade = f"{submission.points:.2f}" if submission.status == "graded" else ""
        name = submission.id.replace(MOST, MOST.lower())  # in the first column these words make a row the second header
        self.rows.append([name, "", "", submission.id, "", grade])
        self.most = max(self.most, submission.max_points)

    def finish(self) -> list[Path]:
        most = [MOST, "", "", "", "", f"{self.most:.2f}"]
        write_atomically(self.path, map(_line, ([*COLUMNS, self.title], most, *self.rows)))
        return [self.path]


def begin(results: Results, out: Path) -> Canvas:
    return Canvas(out)


def _line(row: list[str]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow([csv_cell(cell) for cell in row])
    return line.getvalue()
