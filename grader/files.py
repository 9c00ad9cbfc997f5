"""Files that are there as a whole or not at all."""

import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

BEGIN, END = ".gradkit-", ".tmp"  # of the name of a file that is being written


def remove_unfinished(folder: Path) -> None:
    """What a killed process left of files that it was writing."""
    for path in folder.rglob(f"{BEGIN}*{END}"):
        path.unlink(missing_ok=True)


class AtomicFile:
    """A text file under another name until it is complete: a reader sees the old one or the new one."""

    def __init__(self, path: Path, *, encoding: str = "utf-8", durable: bool = True) -> None:
        self.path, self.durable = path, durable
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, self._name = tempfile.mkstemp(dir=path.parent, prefix=BEGIN, suffix=END)
        self.file: TextIO = open(handle, "w", encoding=encoding, newline="")  # noqa: SIM115 (closed by its two ends)

    def commit(self) -> None:
        """Put it in its place."""
        with self.file:
            os.fchmod(self.file.fileno(), 0o644)  # mkstemp's 0600 would shut the other instructors out
            self.file.flush()
            if self.durable:
                os.fsync(self.file.fileno())
        os.replace(self._name, self.path)

    def discard(self) -> None:
        """Leave what was there before."""
        with suppress(OSError):  # of a full disk, which has no room for what was not written yet
            self.file.close()
        Path(self._name).unlink(missing_ok=True)


@contextmanager
def atomic(path: Path, *, encoding: str = "utf-8", durable: bool = True) -> Iterator[TextIO]:
    """An AtomicFile that is complete when the block ends, and was never there when it raises."""
    target = AtomicFile(path, encoding=encoding, durable=durable)
    try:
        yield target.file
        target.commit()
    except BaseException:
        target.discard()
        raise


def write_atomically(path: Path, chunks: Iterable[str], *, encoding: str = "utf-8", durable: bool = True) -> None:
    """All chunks or none."""
    with atomic(path, encoding=encoding, durable=durable) as file:
        file.writelines(chunks)
