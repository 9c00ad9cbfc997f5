"""A file for each submission, written only when what it tells has changed: a class of a thousand changes little."""

import functools
import hashlib
import json
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from grader.collecting.names import feedback_names
from grader.files import write_atomically
from grader.fingerprint import PACKAGE, folder_digest
from grader.policy import policy_of
from grader.reports.pages import templates_digest
from grader.results import Results, Run, Submission

Mark = list[str | int]  # what a file was written from, and what it was when it was written


class FileForEach:
    """<folder>/<id><suffix>, its lines by `lines(submission, run)`. When the run started makes no file a new one."""

    def __init__(
        self,
        results: Results,
        out: Path,
        suffix: str,
        lines: Callable[[Submission, Run], Iterable[str]],
        folder: str = "feedback",
        facts: str = "",
    ) -> None:
        self.run, self.lines = results.run, lines
        self.paths = {id: out / folder / f"{name}{suffix}" for id, name in feedback_names(results.ids).items()}
        self.notes = out / f".{folder}{suffix}.json"
        self.known = read_notes(self.notes)
        self.facts = code_digest() + self.run.model_dump_json(include={"confinement", "device"}) + facts
        self.policy = policy_of(results)
        self.marks: dict[str, Mark] = {}

    def add(self, submission: Submission) -> None:
        path = self.paths[submission.id]
        grade = repr(self.policy.grade(submission)) if self.policy else ""
        source = hashlib.sha256(f"{self.facts}{digest_of(submission)}{grade}".encode()).hexdigest()
        if self.known.get(path.name) != mark(source, path):
            # Not durable: it can be written again from results.json, and a sync for each student takes a class long.
            write_atomically(path, (f"{line}\n" for line in self.lines(submission, self.run)), durable=False)
        self.marks[path.name] = mark(source, path)

    def finish(self) -> list[Path]:
        write_atomically(self.notes, [json.dumps(self.marks)], durable=False)
        return list(self.paths.values())


@functools.cache
def code_digest() -> str:
    """Of the grader: another version may say the same in other words."""
    return folder_digest(PACKAGE) + templates_digest()


class _Last:
    """Every format asks for the digest of one submission before the next comes."""

    submission: Submission | None = None
    digest = ""


def digest_of(submission: Submission) -> str:
    """Of all that is known of a submission."""
    if _Last.submission is not submission:
        _Last.digest = hashlib.sha256(submission.model_dump_json().encode()).hexdigest()
        _Last.submission = submission
    return _Last.digest


def mark(source: str, path: Path) -> Mark:
    """What tells whether a file is still the one that was written from this source."""
    try:
        status = path.lstat()
    except OSError:
        return []
    return [source, status.st_mtime_ns, status.st_size]


def read_notes(notes: Path) -> dict[str, Any]:
    """What was noted at the last run; nothing where that can't be read."""
    with suppress(OSError, ValueError):
        found = json.loads(notes.read_text(encoding="utf-8"))
        if isinstance(found, dict):
            return found
    return {}
