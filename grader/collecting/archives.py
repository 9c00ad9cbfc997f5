"""Zips and tars, read into memory member by member; nothing is ever extracted to disk."""

import re
import stat
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import BinaryIO

from grader.collecting.choosing import Entry, Kind, Parts, Place
from grader.collecting.limits import LIMITS, UnreadableError, UnusableError, megabytes, too_large
from grader.collecting.names import shown
from grader.collecting.tars import DAMAGED, Member, members

# With the others an archive chooses how much memory zipfile allocates: bzip2 makes 1 GiB of 800 bytes, in one piece.
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
FOREIGN = {b"Rar!": "rar", b"7z\xbc\xaf": "7z"}
MAGIC = {b"PK": "zip", b"\x1f\x8b": "tar", b"BZh": "tar", b"\xfd7zXZ": "tar"}


def open_archive(name: str, file: BinaryIO, wanted: Callable[[Parts], bool]) -> Place:
    """By content first: a tar that is named .zip is read all the same."""
    start = file.read(6)
    file.seek(0)
    if other := next((kind for magic, kind in FOREIGN.items() if start.startswith(magic)), None):
        raise UnreadableError(f"the archive is a {other}, which is not read; pack the modules as zip or tar.gz")
    kind = next((kind for magic, kind in MAGIC.items() if start.startswith(magic)), None)
    is_zip = kind == "zip" if kind else name.lower().endswith(".zip")
    return Zip(file) if is_zip else Tar(file, wanted)


def parts_of(name: str) -> Parts:
    """A member's path; an archive that climbs out of its folder is refused as a whole."""
    path = name.replace("\\", "/")
    parts = tuple(part for part in path.split("/") if part not in ("", "."))
    if path.startswith("/") or ".." in parts or re.match(r"[A-Za-z]:", path):
        raise UnreadableError(
            f"the archive was refused: its member {shown(name)!r} climbs out of the archive's folder; "
            "pack the modules again, with plain relative names"
        )
    return parts


def _too_many() -> UnreadableError:
    return UnreadableError(f"the archive holds more than {LIMITS.members} members; pack the topic modules alone")


@contextmanager
def _complaints() -> Iterator[None]:
    try:
        yield
    except (UnreadableError, UnusableError):
        raise
    except Exception as error:  # zipfile has no closed list of what a damaged file makes it raise
        raise UnreadableError(f"{DAMAGED} ({type(error).__name__})") from error


class Metered:
    """A file that refuses long reads: zipfile would read a table of contents of any size, and keep all of it."""

    def __init__(self, file: BinaryIO, most: int) -> None:
        self._file, self._most = file, most
        self.seek, self.tell, self.seekable = file.seek, file.tell, file.seekable

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(self._most + 1 if size < 0 else min(size, self._most + 1))
        if len(data) > self._most:
            raise _too_many()
        return data


class Zip:
    word = "archive"
    cut = False

    def __init__(self, file: BinaryIO) -> None:
        with _complaints():
            self._zip = zipfile.ZipFile(Metered(file, LIMITS.directory))
        self._members: dict[Entry, zipfile.ZipInfo] = {}

    def entries(self) -> Iterator[Entry]:
        infos = self._zip.infolist()
        if len(infos) > LIMITS.members:
            raise _too_many()
        for info in infos:
            parts = parts_of(info.filename)
            if info.flag_bits & 1:
                raise UnreadableError("the archive is encrypted; pack it again without a password")
            if parts and not info.is_dir():
                entry = Entry(parts, _zip_kind(info))
                self._members[entry] = info  # the last of two with one name wins, as when unpacking
                yield entry

    def read(self, entry: Entry, limit: int) -> bytes:
        info = self._members[entry]
        if info.compress_type not in METHODS:
            raise UnusableError(
                f"{entry.path} is packed with a method that is not read; pack it again as an ordinary zip"
            )
        try:
            with self._zip.open(info) as member:
                data = member.read(limit + 1)  # never the declared size: it may lie
        except Exception as error:
            raise UnusableError(f"{entry.path} is damaged in the archive ({type(error).__name__})") from error
        if len(data) > limit:
            raise UnusableError(too_large(entry.path, limit))
        return data


def _zip_kind(info: zipfile.ZipInfo) -> Kind:
    mode = info.external_attr >> 16
    if stat.S_ISLNK(mode):
        return "link"
    return "file" if stat.S_IFMT(mode) in (0, stat.S_IFREG) else "other"


class Tar:
    """A stream can't go back, so that what is wanted is kept while it passes."""

    word = "archive"
    cut = False

    def __init__(self, file: BinaryIO, wanted: Callable[[Parts], bool]) -> None:
        self._file, self._wanted = file, wanted
        self._kept: dict[Entry, bytes] = {}

    def entries(self) -> Iterator[Entry]:
        with _complaints():
            for count, member in enumerate(members(self._file)):
                if count >= LIMITS.members:
                    raise _too_many()
                yield from self._entry(member)

    def read(self, entry: Entry, limit: int) -> bytes:
        if len(data := self._kept[entry]) > limit:
            raise UnusableError(too_large(entry.path, limit))
        return data

    def _entry(self, member: Member) -> Iterator[Entry]:
        parts = parts_of(member.name)
        if not parts or member.kind == "folder":
            return
        entry = Entry(parts, member.kind)
        if member.kind == "file" and self._wanted(parts):
            self._kept.pop(entry, None)
            self._kept[entry] = member.read((LIMITS.notebook if entry.is_notebook else LIMITS.module) + 1)
            if sum(map(len, self._kept.values())) > 2 * LIMITS.modules:
                raise UnreadableError(f"the archive's modules are larger than {megabytes(LIMITS.modules)} in all")
        yield entry
