"""What is known so far: every result as it came, in a SQLite file that survives a kill at any moment.

A result is kept under the setup of its run, the run's seed, and the id and content of the submission. So the same
command goes on where it was stopped, and a second run costs what has changed since.
"""

import fcntl
import secrets
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO, overload

from grader.results import Submission

NAME = "gradebook.sqlite"
VERSION = 1
KEPT_RUNS = 10
ADVICE = "make room or put right what is wrong there; what is graded is kept, and the same command goes on from here"
TABLES = """
CREATE TABLE IF NOT EXISTS runs (
    number INTEGER PRIMARY KEY, setup TEXT NOT NULL, seed TEXT NOT NULL, started TEXT NOT NULL,
    seconds REAL NOT NULL DEFAULT 0, protection TEXT NOT NULL DEFAULT '', finished INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS results (
    setup TEXT NOT NULL, seed TEXT NOT NULL, id TEXT NOT NULL, content TEXT NOT NULL, settled INTEGER NOT NULL,
    submission TEXT NOT NULL, PRIMARY KEY (setup, seed, id)
) WITHOUT ROWID;
"""


class GradebookError(Exception):
    """The file can't be used; the message says why and what to do."""


@dataclass(frozen=True)
class Entry:
    """A run, new or taken up again: its number, seed, start, seconds spent before, and what protected it."""

    number: int
    setup: str
    seed: str
    started: str
    seconds: float
    protection: str


@dataclass
class Gradebook:
    """One connection; its methods may be called by any thread."""

    connection: sqlite3.Connection
    lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self, setup: str, seed: str | None = None, *, fresh: bool = False) -> Entry:
        """The run to work on.

        An unfinished one of this setup goes on with its seed. After a finished one a new run begins, with the seed of
        the last, so that its results still hold; `fresh` or another `seed` makes them void.
        """
        last = self._last(setup)
        if last and not fresh and seed in (None, last["seed"]):
            if not last["finished"]:
                return _entry(last)
            seed = last["seed"]
        started = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        protection = last["protection"] if last else ""
        with self._writing():
            self.connection.execute(
                "INSERT INTO runs (setup, seed, started, protection) VALUES (?, ?, ?, ?)",
                (setup, seed or secrets.token_hex(16), started, protection),
            )
            if fresh:
                self.connection.execute("DELETE FROM results WHERE setup = ? AND seed = ?", (setup, seed or ""))
        newest = self._last(setup)
        assert newest
        return _entry(newest)

    def known(self, entry: Entry, id: str, content: str) -> bool:
        """Whether this content has a result that will not change."""
        found = self._one(
            "SELECT 1 FROM results WHERE setup = ? AND seed = ? AND id = ? AND content = ? AND settled",
            (entry.setup, entry.seed, id, content),
        )
        return found is not None

    def keep(self, entry: Entry, content: str, submission: Submission, *, settled: bool, seconds: float) -> None:
        """A result and the seconds that the run has taken so far, in one transaction.

        One that is not settled (unproven, a fault of the grader) counts in this run and is graded again in the next.
        """
        row = (entry.setup, entry.seed, submission.id, content, settled, submission.model_dump_json())
        with self._writing():
            self.connection.execute("INSERT OR REPLACE INTO results VALUES (?, ?, ?, ?, ?, ?)", row)
            self.connection.execute("UPDATE runs SET seconds = ? WHERE number = ?", (seconds, entry.number))

    def protect(self, entry: Entry, protection: str) -> None:
        """Note what protected a run, before its first result."""
        with self._writing():
            self.connection.execute("UPDATE runs SET protection = ? WHERE number = ?", (protection, entry.number))

    def finish(self, entry: Entry, seconds: float) -> None:
        """Nothing is left to do; what only older runs can use goes."""
        with self._writing():
            self.connection.execute(
                "UPDATE runs SET finished = 1, seconds = ? WHERE number = ?", (seconds, entry.number)
            )
            self.connection.execute("DELETE FROM runs WHERE number <= ?", (entry.number - KEPT_RUNS,))
            self.connection.execute("DELETE FROM results WHERE (setup, seed) NOT IN (SELECT setup, seed FROM runs)")

    def submission(self, entry: Entry, id: str) -> Submission:
        """The result of a submission that has one."""
        found = self._one(
            "SELECT submission FROM results WHERE setup = ? AND seed = ? AND id = ?", (entry.setup, entry.seed, id)
        )
        assert found, f"{id} has no result"
        return Submission.model_validate_json(found["submission"])

    def close(self) -> None:
        """Not in the middle of another thread's transaction; nor is one waited for that an interrupt left open."""
        self.lock.acquire(timeout=1.0)
        self.connection.close()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """One transaction."""
        try:
            with self.lock, self.connection:
                yield
        except sqlite3.OperationalError as error:
            raise GradebookError(f"the gradebook can't be written ({error}): {ADVICE}") from error

    def _last(self, setup: str) -> sqlite3.Row | None:
        return self._one("SELECT * FROM runs WHERE setup = ? ORDER BY number DESC LIMIT 1", (setup,))

    def _one(self, query: str, values: tuple[Any, ...]) -> sqlite3.Row | None:
        with self.lock:
            found: sqlite3.Row | None = self.connection.execute(query, values).fetchone()
        return found


@dataclass(frozen=True)
class Shelf(Sequence[Submission]):
    """The results of these submissions, each read when it is looked at: a class need not lie in memory."""

    book: Gradebook
    entry: Entry
    ids: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.ids)

    @overload
    def __getitem__(self, place: int) -> Submission: ...
    @overload
    def __getitem__(self, place: slice) -> "Shelf": ...
    def __getitem__(self, place: int | slice) -> "Submission | Shelf":
        if isinstance(place, slice):
            return Shelf(self.book, self.entry, self.ids[place])
        return self.book.submission(self.entry, self.ids[place])


def _entry(row: sqlite3.Row) -> Entry:
    return Entry(**{column.name: row[column.name] for column in fields(Entry)})


def in_memory() -> Gradebook:
    """One that is forgotten."""
    return _open(":memory:")


@contextmanager
def opened(folder: Path) -> Iterator[Gradebook]:
    """The gradebook of a results folder, for this process alone."""
    with _lock_file(folder) as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise GradebookError(f"another run is writing to {folder}: wait for it, or name another --out") from None
        book = _of_file(folder / NAME)
        try:
            yield book
        finally:
            book.close()


def _lock_file(folder: Path) -> TextIO:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return open(folder / f"{NAME}.lock", "w", encoding="utf-8")
    except OSError as error:
        raise GradebookError(f"{folder} can't be written to ({error.strerror}): name another --out") from None


def _of_file(path: Path) -> Gradebook:
    try:
        book = _open(str(path))
        version = book.connection.execute("PRAGMA user_version").fetchone()[0]
    except sqlite3.OperationalError as error:
        raise GradebookError(f"{path} can't be opened ({error}): {ADVICE}") from None
    except sqlite3.DatabaseError as error:
        raise GradebookError(f"{path} can't be read ({error}): move it away, and all is graded anew") from None
    if version != VERSION:
        book.close()
        raise GradebookError(f"{path} is of another version of gradkit: move it away, and all is graded anew")
    return book


def _open(name: str) -> Gradebook:
    connection = sqlite3.connect(name, check_same_thread=False)
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")  # a killed process loses nothing; a power cut the last results
    if not connection.execute("SELECT name FROM sqlite_master").fetchone():
        connection.executescript(f"BEGIN; {TABLES} PRAGMA user_version = {VERSION}; COMMIT;")
    return Gradebook(connection)
