"""What an instructor sees: a live table on a terminal, plain lines elsewhere, and the summary at the end."""

import statistics
import time
from collections import deque
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from threading import RLock
from types import TracebackType
from typing import Self

from rich import box
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar
from rich.table import Table
from rich.text import Text

from grader.reports.escape import workflow
from grader.reports.words import Row, all_topics, of, outcome, points, protection, row_of
from grader.results import Run, Submission
from grader.run import Watcher

EVERY = 10.0  # seconds between two progress lines in a log
RECENT, RUNNING = 8, 8  # rows of the live table
MANY, ENDS = 40, 10  # a summary of more rows than MANY shows ENDS at each end
NAME, TOPIC, ROOM = 16, 9, 55  # terminal columns of a name, of a topic, and of all but the topics


class Progress(Watcher):
    """Told what happens, by any thread; remembers what is shown and no more, however large the class."""

    def __init__(
        self, total_submissions: int, console: Console | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._console, self._clock = console or Console(), clock
        self._total, self._done, self._known = total_submissions, 0, 0
        self._running: dict[str, tuple[int, int]] = {}
        self._recent: deque[Row] = deque(maxlen=RECENT)
        self._lock = RLock()
        self._started = self._said = clock()
        self._bar = _bar(self._console)
        self._task = self._bar.add_task("graded", total=total_submissions)
        self._live = self._live_view() if self._console.is_terminal else None

    def __enter__(self) -> Self:
        if self._live:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live:
            self._live.stop()

    def remembered(self, count: int) -> None:
        with self._lock:
            self._done += count
            self._known = count
            self._bar.update(self._task, completed=self._done)
            self._line(f"{count} of {self._total} are known from before, and not graded again (--fresh does)")

    def submission_started(self, id: str) -> None:
        with self._lock:
            self._running[id] = (0, 0)

    def check_done(self, id: str, done: int, total: int) -> None:
        with self._lock:
            self._running[id] = (done, total)
            self._say_how_far()

    def submission_done(self, submission: Submission) -> None:
        with self._lock:
            self._running.pop(submission.id, None)
            self._recent.append(row_of(submission))
            self._done += 1
            self._bar.update(self._task, completed=self._done)
            if not self._live:
                self._line(_finished(submission))
                self._say_how_far()

    def _say_how_far(self) -> None:
        now = self._clock()
        if self._live or now - self._said < EVERY:
            return
        self._said = now
        left = f", about {self._left(now)} left" if self._known < self._done < self._total else ""
        self._line(f"{self._done} of {self._total} graded, {len(self._running)} running{left}")

    def _left(self, now: float) -> timedelta:
        spent = now - self._started
        return timedelta(seconds=round(spent / (self._done - self._known) * (self._total - self._done)))

    def _line(self, text: str) -> None:
        line = _encodable(workflow(text), self._console)
        self._console.print(Text(line), soft_wrap=True, highlight=False)

    def _live_view(self) -> Live:
        return Live(console=self._console, get_renderable=self._view, transient=True, vertical_overflow="crop")

    def _view(self) -> RenderableType:
        with self._lock:
            rows = _table(list(self._recent), self._console, title="finished last") if self._recent else Text("")
            return Group(rows, *self._running_lines(), self._bar.get_renderable())

    def _running_lines(self) -> list[Text]:
        shown_first = list(self._running.items())[:RUNNING]
        lines = [_running(id, done, total, self._console) for id, (done, total) in shown_first]
        more = len(self._running) - len(lines)
        return [*lines, Text(f"and {more} more running")] if more else lines


def _bar(console: Console) -> Bar:
    columns = (TextColumn("{task.description}"), BarColumn(None), MofNCompleteColumn(), TimeRemainingColumn())
    return Bar(*columns, console=console, expand=True)


def _running(id: str, done: int, total: int, console: Console) -> Text:
    how_far = f": check {done} of {total}" if total else ": starting"
    name = _shown(id, console)
    name.truncate(max(8, console.width - len(how_far)), overflow="ellipsis")
    return Text.assemble(name, how_far, no_wrap=True)


def _finished(submission: Submission) -> str:
    why = f": {submission.message}" if submission.status == "unreadable" and submission.message else ""
    return f"{submission.id}: {of(submission.points, submission.max_points)} points, {outcome(submission)}{why}"


class Overview:
    """The rows of a run, to be summed up on the screen."""

    def __init__(self) -> None:
        self.rows: list[Row] = []

    def add(self, submission: Submission) -> None:
        self.rows.append(row_of(submission))

    def finish(self) -> list[Path]:
        return []


def summary(rows: Sequence[Row], run: Run, console: Console) -> None:
    """Every row of a small class; of a large one its figures and both ends."""
    if len(rows) > MANY:
        for title, part in (("first", rows[:ENDS]), ("last", rows[-ENDS:])):
            console.print(_table(part, console, title=f"the {title} {ENDS} of {len(rows)}, by name"))
        _say(f"All {len(rows)} rows are in scores.csv.", console)
    elif rows:
        console.print(_table(rows, console))
    _unreadable([row for row in rows if row.status == "unreadable"], console)
    _say(_figures(rows), console)
    _say(protection(run), console)


def _table(rows: Sequence[Row], console: Console, title: str | None = None) -> Table:
    """A column a topic where they fit; else one that counts the topics with full points."""
    topics = all_topics(rows)
    wide = console.width >= ROOM + TOPIC * len(topics)
    grid = _grid(topics if wide else ["topics full"], title, console)
    for row in rows:
        cells = [points(row.topics[t]) if t in row.topics else "-" for t in topics] if wide else [_full(row)]
        grid.add_row(_shown(row.id, console), *cells, of(row.points, row.max_points), row.outcome)
    return grid


def _shown(text: str, console: Console) -> Text:
    """A stranger's name: no markup, no terminal sequence, no workflow command."""
    return Text(_encodable(workflow(text, 200), console))


def _encodable(text: str, console: Console) -> str:
    return text.encode(console.encoding, "replace").decode(console.encoding)


def _grid(columns: Sequence[str], title: str | None, console: Console) -> Table:
    name = Text(title, style="italic") if title else None
    grid = Table(title=name, title_justify="left", box=box.SIMPLE, pad_edge=False, padding=(0, 1, 0, 0))
    grid.add_column("student", max_width=NAME, no_wrap=True, overflow="ellipsis")
    for column in columns:
        width = TOPIC - 2 if len(columns) > 1 else None
        grid.add_column(_shown(column, console), justify="right", max_width=width, no_wrap=True, overflow="ellipsis")
    grid.add_column("total", justify="right", no_wrap=True)
    grid.add_column("status", overflow="fold")
    return grid


def _full(row: Row) -> str:
    return f"{row.full} of {len(row.topics)}" if row.topics else "-"


def _unreadable(rows: Sequence[Row], console: Console) -> None:
    for row in rows[:ENDS]:
        _say(f"{row.id} could not be read: {row.message}", console)
    if len(rows) > ENDS:
        _say(f"and {len(rows) - ENDS} more could not be read; scores.csv says why.", console)


def _figures(rows: Sequence[Row]) -> str:
    graded = [row.points for row in rows if row.status == "graded"]
    counts = f"{len(graded)} graded, {len(rows) - len(graded)} unreadable"
    if not graded:
        return counts
    middle = f"mean {points(statistics.fmean(graded))}, median {points(statistics.median(graded))}"
    return f"{counts}; {middle}, lowest {points(min(graded))}, highest {points(max(graded))}"


def _say(text: str, console: Console) -> None:
    console.print(Text(_encodable(workflow(text), console)), highlight=False)
