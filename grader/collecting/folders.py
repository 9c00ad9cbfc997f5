"""Folders on disk, opened name by name, so that no link, FIFO or device is ever followed or waited on."""

import os
import stat
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from grader.collecting.choosing import EXERCISES, Entry, Kind, Parts, names_of, within_reach
from grader.collecting.limits import LIMITS, UnusableError, too_large
from grader.collecting.names import shown

FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY


@contextmanager
def opened(path: str, flags: int, folder: int | None = None) -> Iterator[int]:
    handle = os.open(path, flags, dir_fd=folder)
    try:
        yield handle
    finally:
        os.close(handle)


@contextmanager
def regular(name: str, limit: int, folder: int) -> Iterator[int]:
    """A descriptor of a regular file of at most limit bytes; looked at before it is opened, and again after."""
    if not stat.S_ISREG(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
        raise UnusableError(f"{shown(name)} is not a regular file")
    with opened(name, FILE, folder) as handle:
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode):
            raise UnusableError(f"{shown(name)} is not a regular file")
        if found.st_size > limit:
            raise UnusableError(too_large(shown(name), limit, found.st_size))
        yield handle


def read_regular(name: str, limit: int, folder: int) -> bytes:
    with regular(name, limit, folder) as handle, open(handle, "rb", closefd=False) as file:
        data = file.read(limit + 1)
    if len(data) > limit:
        raise UnusableError(too_large(shown(name), limit))
    return data


@contextmanager
def below(root: int, parts: Parts) -> Iterator[int]:
    if not parts:
        yield root
        return
    with opened(parts[0], FOLDER, root) as folder, below(folder, parts[1:]) as last:
        yield last


@dataclass
class Folder:
    """A submission's folder as a Place."""

    root: int
    topics: Sequence[str]
    word: str = "folder"
    cut: bool = False
    _left: int = field(default_factory=lambda: LIMITS.members)

    def entries(self) -> Iterator[Entry]:
        """Breadth first, so that a million files deep down don't hide what is at the top."""
        waiting: deque[Parts] = deque([()])
        while waiting:
            for parts, mode in self._listed(waiting.popleft()):
                if not stat.S_ISDIR(mode) or parts[-1] in self._modules:
                    yield Entry(parts, kind_of(mode))
                elif within_reach(parts):
                    waiting.append(parts)

    def read(self, entry: Entry, limit: int) -> bytes:
        try:
            with below(self.root, entry.parts[:-1]) as folder:
                return read_regular(entry.parts[-1], limit, folder)
        except OSError as error:
            raise UnusableError(f"{entry.path} can't be read: {error.strerror}") from error

    @property
    def _modules(self) -> list[str]:
        return [name for topic in self.topics for name in names_of(topic)]

    def _listed(self, parts: Parts) -> list[tuple[Parts, int]]:
        try:
            with below(self.root, parts) as folder:
                return [((*parts, name), mode) for name, mode in self._modes(folder).items()]
        except OSError:  # closed to us, or no longer a folder
            return []

    def _modes(self, folder: int) -> dict[str, int]:
        """Topic modules by their names first: among a million files they are found all the same."""
        modes = {name: mode for name in (*self._modules, EXERCISES) if (mode := mode_of(name, folder)) is not None}
        with os.scandir(folder) as items:
            for item in items:
                if self._left == 0:
                    self.cut = True
                    break
                self._left -= 1
                modes[item.name] = mode_of(item.name, folder) or 0
        return modes


def mode_of(name: str, folder: int) -> int | None:
    try:
        return os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode
    except OSError:
        return None


def kind_of(mode: int) -> Kind:
    return "file" if stat.S_ISREG(mode) else "link" if stat.S_ISLNK(mode) else "other"
