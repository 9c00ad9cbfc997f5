"""A file for each submission, written only when what it tells has changed: a class of a thousand changes little."""

import hashlib
import json
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from grader.collecting.names import feedback_names
from grader.files import write_atomically
from grader.fingerprint import PACKAGE, folder_digest
from grader.policy import policy_of
from grader.reports.pages import templates_digest
from grader.results import Results, Run, Submission

Mark = list[str | int]  # what a file was written from, and what it was when it was written


class FileForEach:
    """feedback/<id><suffix>, its lines by `lines(submission, run)`. When the run started makes no file a new one."""

    def __init__(
        self, results: Results, out: Path, suffix: str, lines: Callable[[Submission, Run], Iterable[str]]
    ) -> None:
        self.run, self.lines = results.run, lines
        self.paths = {id: out / "feedback" / f"{name}{suffix}" for id, name in feedback_names(results.ids).items()}
        self.notes = out / f".feedback{suffix}.json"
        self.known = _read(self.notes)
        facts = self.run.model_dump_json(include={"confinement", "device"})
        self.facts = f"{folder_digest(PACKAGE)}{templates_digest()}{facts}".encode()
        self.policy = policy_of(results)
        self.marks: dict[str, Mark] = {}

    def add(self, submission: Submission) -> None:
        path = self.paths[submission.id]
        grade = repr(self.policy.grade(submission)) if self.policy else ""
        source = hashlib.sha256(self.facts + _dumped(submission) + grade.encode()).hexdigest()
        if self.known.get(path.name) != _mark(source, path):
            # Not durable: it can be written again from results.json, and a sync for each student takes a class long.
            write_atomically(path, (f"{line}\n" for line in self.lines(submission, self.run)), durable=False)
        self.marks[path.name] = _mark(source, path)

    def finish(self) -> list[Path]:
        write_atomically(self.notes, [json.dumps(self.marks)], durable=False)
        return list(self.paths.values())


class _Dumped:
    """A submission as bytes. Each format asks for the same one in turn, so the last one is kept."""

    def __init__(self) -> None:
        self.submission: Submission | None = None
        self.content = b""

    def __call__(self, submission: Submission) -> bytes:
        if submission is not self.submission:
            self.submission, self.content = submission, submission.model_dump_json().encode()
        return self.content


_dumped = _Dumped()


def _mark(source: str, path: Path) -> Mark:
    try:
        status = path.lstat()
    except OSError:
        return []
    return [source, status.st_mtime_ns, status.st_size]


def _read(notes: Path) -> dict[str, Mark]:
    with suppress(OSError, ValueError):
        found = json.loads(notes.read_text(encoding="utf-8"))
        if isinstance(found, dict):
            return found
    return {}
