"""A tar as a stream of members.

Not the tarfile module: it reads an extended header of any size into memory, searches it with expressions that take
quadratic time (CVE-2024-6232), and loops on negative sizes (CVE-2025-8194) in Pythons that are in use.
"""

import bz2
import gzip
import lzma
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, Literal, Protocol

from grader.collecting.limits import LIMITS, UnreadableError, megabytes

BLOCK = 512
CHUNK = 64 * 1024
FILES, LINKS, FOLDERS, DEVICES, SPARSE = b"07\0", b"12", b"5", b"346", b"S"
DAMAGED = "the archive is damaged or of another format; pack it again as zip or tar.gz"


class Reader(Protocol):
    def read(self, size: int, /) -> bytes: ...


@dataclass
class Stream:
    """Counts what is unpacked, so that a bomb ends."""

    source: Reader
    left: int = field(default_factory=lambda: LIMITS.stream)

    def exactly(self, size: int) -> bytes:
        data = b"".join(self.pieces(size))
        if len(data) < size:
            raise UnreadableError(DAMAGED)
        return data

    def pieces(self, size: int) -> Iterator[bytes]:
        while size > 0 and (piece := self.source.read(min(size, CHUNK))):
            size, self.left = size - len(piece), self.left - len(piece)
            if self.left < 0:
                raise UnreadableError(
                    f"the archive unpacks to more than {megabytes(LIMITS.stream)}; pack the modules alone"
                )
            yield piece


@dataclass
class Member:
    name: str
    kind: Literal["file", "link", "folder", "other"]
    size: int
    stream: Stream
    _taken: int = 0

    def read(self, most: int) -> bytes:
        data = self.stream.exactly(min(most, self.size - self._taken))
        self._taken += len(data)
        return data

    def skip(self) -> None:
        rest = self.size + -self.size % BLOCK - self._taken
        for piece in self.stream.pieces(rest):
            rest -= len(piece)
        if rest > -self.size % BLOCK:  # some tools leave out the last padding, none the data
            raise UnreadableError(DAMAGED)


@dataclass
class Extended:
    """What headers before a member say of it: GNU's long names, POSIX's pax records."""

    name: str | None = None
    size: int | None = None
    sparse: bool = False


def members(file: BinaryIO) -> Iterator[Member]:
    stream = Stream(unpacked(file))
    extended = Extended()
    while (header := b"".join(stream.pieces(BLOCK))) and any(header):
        kind = _checked(header)[156:157]
        if kind in b"xLKg":
            size = _header_size(header)
            _extend(extended, kind, stream.exactly(size + -size % BLOCK)[:size])
            continue
        member = _member(header, extended, stream)
        yield member
        member.skip()
        extended = Extended()


def unpacked(file: BinaryIO) -> Reader:
    start = file.read(6)
    file.seek(0)
    if start.startswith(b"\x1f\x8b"):
        return gzip.GzipFile(fileobj=file)
    if start.startswith(b"BZh"):
        return bz2.BZ2File(file)
    return Xz(file) if start.startswith(b"\xfd7zXZ") else file


class Xz:
    """LZMAFile without its flaw: it lets the archive choose how much memory to allocate."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._decoder = file, self._fresh()

    def read(self, size: int, /) -> bytes:
        while True:
            if self._decoder.eof and not self._next():
                return b""
            more = self._file.read(CHUNK) if self._decoder.needs_input else b""
            if self._decoder.needs_input and not more:
                raise UnreadableError(DAMAGED)
            if data := self._decoder.decompress(more, size):
                return data

    def _next(self) -> bool:
        """Archives may be several streams on end, with zeros between them."""
        rest = self._decoder.unused_data
        while not (rest := rest.lstrip(b"\0")):
            if not (rest := self._file.read(CHUNK)):
                return False
        self._decoder = self._fresh()
        self._decoder.decompress(rest, 0)
        return True

    @staticmethod
    def _fresh() -> lzma.LZMADecompressor:
        return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=LIMITS.memory)


def _member(header: bytes, extended: Extended, stream: Stream) -> Member:
    kind = header[156:157]
    name = extended.name if extended.name is not None else _name(header)
    size = extended.size if extended.size is not None else _number(header[124:136])
    if kind == SPARSE:
        _skip_map(header, stream)
    if kind in FOLDERS or (kind in FILES and name.endswith("/")):
        return Member(name, "folder", 0 if kind in FOLDERS else size, stream)
    if kind in LINKS or kind in DEVICES:
        return Member(name, "link" if kind in LINKS else "other", 0, stream)
    return Member(name, "file" if kind in FILES and not extended.sparse else "other", size, stream)


def _skip_map(header: bytes, stream: Stream) -> None:
    more = header[482]
    while more:
        more = stream.exactly(BLOCK)[504]


def _extend(extended: Extended, kind: bytes, data: bytes) -> None:
    if kind == b"L":
        extended.name = _text(data)
    for key, value in _records(data) if kind == b"x" else ():
        if key in (b"path", b"GNU.sparse.name"):
            extended.name = _text(value)
        elif key == b"size":
            extended.size = _decimal(value)
        extended.sparse |= key.startswith(b"GNU.sparse.")


def _records(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Lines of `LENGTH KEY=VALUE`, where the length counts its own digits."""
    start = 0
    while start < len(data) and data[start]:
        digits = data[start : start + 9].partition(b" ")[0]
        end = start + _decimal(digits)
        key, equals, value = data[start + len(digits) + 1 : end - 1].partition(b"=")
        if not equals or data[end - 1 : end] != b"\n":
            raise UnreadableError(DAMAGED)
        yield key, value
        start = end


def _checked(header: bytes) -> bytes:
    if len(header) < BLOCK or _number(header[148:156]) != sum(header) - sum(header[148:156]) + 8 * ord(" "):
        raise UnreadableError(DAMAGED)
    return header


def _header_size(header: bytes) -> int:
    if (size := _number(header[124:136])) > LIMITS.header:
        raise UnreadableError(DAMAGED)
    return size


def _name(header: bytes) -> str:
    name, prefix = _text(header[:100]), _text(header[345:500])
    return f"{prefix}/{name}" if prefix and header[257:263] == b"ustar\0" else name


def _text(field: bytes) -> str:
    return field.partition(b"\0")[0].decode("utf-8", "surrogateescape")


def _number(field: bytes) -> int:
    """Octal digits, or GNU's binary form for sizes that need more."""
    if field[0] == 0x80:
        return int.from_bytes(field[1:], "big")
    digits = field.strip(b" \0")
    if not all(digit in b"01234567" for digit in digits):
        raise UnreadableError(DAMAGED)
    return int(digits or b"0", 8)


def _decimal(digits: bytes) -> int:
    if not 0 < len(digits) <= 20 or not digits.isdigit():
        raise UnreadableError(DAMAGED)
    return int(digits)
