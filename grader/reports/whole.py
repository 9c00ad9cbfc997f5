"""One file of a whole class: the parts of submissions that have not changed are copied from the file as it was."""

import json
import mmap
import weakref
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import ClassVar

from grader.files import AtomicFile, write_atomically
from grader.reports.each import code_digest, digest_of, mark, read_notes
from grader.results import Results, Submission

Part = list[str | int]  # digest of the submission, and where its part begins and ends in the file


class FileOfAll:
    """head, a part for each submission, tail. When the run started makes no file a new one."""

    head: ClassVar[str] = ""
    between: ClassVar[str] = ""

    def __init__(self, results: Results, path: Path) -> None:
        self.run, self.path = results.run, path
        self.notes = path.with_name(f".{path.name}.json")
        self.known, self.old = self._before()
        self.parts: dict[str, Part] = {}
        self.target = AtomicFile(path, durable=False)
        self.leave = weakref.finalize(self, self.target.discard)  # a run that is stopped leaves no open file
        self.at, self.begun = self._write(self.head.encode()), False

    def part(self, submission: Submission) -> str:
        """What the file says of one submission."""
        raise NotImplementedError

    def tail(self) -> str:
        """How it ends."""
        raise NotImplementedError

    def add(self, submission: Submission) -> None:
        source = digest_of(submission)
        data = self._kept(submission.id, source) or self.part(submission).encode()
        if data and self.begun:
            self.at += self._write(self.between.encode())
        self.begun |= bool(data)
        self.parts[submission.id] = [source, self.at, self.at + len(data)]
        self.at += self._write(data)

    def finish(self) -> list[Path]:
        self._write(self.tail().encode())
        if self.old and self.parts == self.known:
            self.leave()
            return [self.path]
        self.target.commit()
        notes = {"mark": mark(code_digest(), self.path), "parts": self.parts}
        write_atomically(self.notes, [json.dumps(notes)], durable=False)
        return [self.path]

    def _kept(self, id: str, source: str) -> bytes:
        digest, begin, end = self.known.get(id, ["", 0, 0])
        return self.old[int(begin) : int(end)] if digest == source else b""

    def _write(self, data: bytes) -> int:
        return self.target.file.buffer.write(data)

    def _before(self) -> tuple[Mapping[str, Part], bytes | mmap.mmap]:
        notes = read_notes(self.notes)
        if notes.get("mark") == mark(code_digest(), self.path):
            with suppress(OSError, ValueError), self.path.open("rb") as file:
                return notes["parts"], mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        return {}, b""
