"""github_summary.md for $GITHUB_STEP_SUMMARY, and github_annotations.txt, which a step of a workflow prints.

Annotations stand beside lines of the student's files, so they are for runs with one submission, as in a pull request.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from grader.files import write_atomically
from grader.reports import feedback_md
from grader.reports.escape import annotation, markdown
from grader.reports.words import by_topic, of, outcome, protection, said_once, title, told
from grader.results import CheckResult, Results, Status, Submission

LARGEST = 1 << 20  # bytes that GitHub takes of one step
CUT = "\n\nThe rest did not fit here; it stands in the files of the results."
OF_A_KIND = 10  # that GitHub shows of one step
LEVELS: dict[Status, str] = {
    "failed": "error",
    "error": "error",
    "timeout": "error",
    "unproven": "warning",
    "not_started": "notice",
}
LINE = re.compile(r" in line (\d{1,6})\b(?: of cell (\d{1,6}))?(?: of (\w+)\.(?:py|ipynb)\b)?")


@dataclass(frozen=True)
class Note:
    """What is said of a check beside a line of the student's file."""

    level: str
    message: str
    file: str
    line: int | None
    title: str


class GitHub:
    """A single submission is shown in full, a class as a table."""

    def __init__(self, results: Results, out: Path) -> None:
        self.run, self.single = results.run, len(results.ids) == 1
        self.summary, self.annotations = out / "github_summary.md", out / "github_annotations.txt"
        self.lines: list[str] = []
        self.notes: list[str] = []
        self.left, self.fits = LARGEST - len(CUT.encode()), True
        if not self.single:
            self._tell(["# Results", f"\n{markdown(protection(self.run))}."])
            self._tell(["\n| Submission | Points | Outcome |\n|---|---:|---|"])

    def add(self, submission: Submission) -> None:
        if self.single:
            self._tell(feedback_md.lines(submission, self.run))
            self.notes = list(_annotations(submission))
        else:
            earned = of(submission.points, submission.max_points)
            self._tell([f"| {markdown(submission.id)} | {earned} | {outcome(submission)} |"])

    def finish(self) -> list[Path]:
        cut = [] if self.fits else [CUT]
        write_atomically(self.summary, [*self.lines, *cut], durable=False)
        write_atomically(self.annotations, (f"{note}\n" for note in self.notes), durable=False)
        return [self.annotations, self.summary]

    def _tell(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.left -= len(line.encode()) + 1
            self.fits = self.fits and self.left >= 0
            if self.fits:
                self.lines.append(f"{line}\n")


def begin(results: Results, out: Path) -> GitHub:
    return GitHub(results, out)


def notes(submission: Submission) -> Iterator[Note]:
    """One for each check that earned nothing, or for a whole topic; its texts are a stranger's."""
    topics = by_topic(submission)
    for check in chain.from_iterable(map(said_once, topics.values())):
        if level := LEVELS.get(check.status):
            file, line = _place(check, topics)
            yield Note(level, "; ".join(told(check)) or check.status, file, line, title(check))


def _annotations(submission: Submission) -> Iterator[str]:
    left = dict.fromkeys(LEVELS.values(), OF_A_KIND)
    for note in notes(submission):
        if left[note.level]:
            left[note.level] -= 1
            yield annotation(note.level, note.message, file=note.file, line=note.line, title=note.title)


def _place(check: CheckResult, topics: Iterable[str]) -> tuple[str, int | None]:
    """The student's file and, where the message names one, its line; not that of a cell, which no file shows."""
    found = LINE.search(check.message)
    topic = found[3] if found and found[3] in topics else check.topic
    line = int(found[1]) if found and not found[2] and found[3] in (None, *topics) else None
    flat = Path(f"{topic}.py")
    return flat.name if flat.is_file() else f"exercises/{topic}.py", line
