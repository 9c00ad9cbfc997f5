"""report.html: what an instructor sees of a class. It is told one submission after the other and keeps sums."""

from pathlib import Path
from typing import Any
from urllib.parse import quote

from grader.collecting.names import feedback_names
from grader.files import write_atomically
from grader.reports.charts import BINS, histogram, level, quartiles, scatter
from grader.reports.pages import page
from grader.reports.tallies import ENOUGH, Tallies, pace_of, share
from grader.reports.words import STATUSES, Row, protection, row_of
from grader.results import Results, Submission

SEES_ALL = True  # instructors alone read it
HARDEST, DIAGNOSES, WEAKEST, UNPROVEN = 10, 15, 15, 200  # rows of a table
WEAK = 0.1  # a check with less discrimination hardly tells strong submissions from weak ones


class ClassReport:
    """One page for the whole class."""

    def __init__(self, results: Results, path: Path) -> None:
        self.run, self.path, self.similar = results.run, path, results.similar
        self.pages = {id: f"feedback/{quote(name)}.html" for id, name in feedback_names(results.ids).items()}
        self.rows: list[Row] = []
        self.tallies = Tallies()
        self.paces: list[tuple[float, float]] = []
        self.unproven: list[tuple[str, str]] = []

    def add(self, submission: Submission) -> None:
        self.rows.append(row_of(submission))
        if submission.status == "unreadable":
            return
        self.tallies.add(submission)
        if pace := pace_of(submission.checks):
            self.paces.append((pace, share(submission.points, submission.max_points)))
        names = [f"{check.task}: {check.name}" for check in submission.checks if check.status == "unproven"]
        if names and len(self.unproven) < UNPROVEN:
            self.unproven.append((submission.id, ", ".join(names)))

    def finish(self) -> list[Path]:
        text = page("report.html", run=self.run, protection=protection(self.run), **self._class(), **self._checks())
        write_atomically(self.path, [text])
        return [self.path]

    def _class(self) -> dict[str, Any]:
        graded = [row for row in self.rows if row.status == "graded"]
        shares = [share(row.points, row.max_points) for row in graded]
        return {
            "rows": self.rows,
            "pages": self.pages,
            "graded": graded,
            "unreadable": [row for row in self.rows if row.status == "unreadable"],
            "quartiles": quartiles(shares) if shares else None,
            "columns": histogram(shares),
            "bins": BINS,
            "unproven": self.unproven,
            "dots": scatter(self.paces),
            "similar": self.similar,
        }

    def _checks(self) -> dict[str, Any]:
        discriminating = self.tallies.discriminating()
        return {
            "topics": self.tallies.topics(),
            "level": level,
            "hardest": [part for part in self.tallies.hardest(HARDEST) if part.share < 1],
            "diagnoses": self.tallies.diagnoses.most_common(DIAGNOSES),
            "statuses": [(words, self.tallies.statuses[status]) for status, words in STATUSES.items()],
            "timed": list(self.tallies.with_speed()),
            "weakest": discriminating[:WEAKEST],
            "others": discriminating[WEAKEST:],
            "uniform": len(self.tallies.checks) - len(discriminating),
            "weak": WEAK,
            "enough": ENOUGH,
        }


def begin(results: Results, out: Path) -> ClassReport:
    return ClassReport(results, out / "report.html")
