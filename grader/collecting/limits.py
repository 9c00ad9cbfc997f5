"""What a submission may cost to read, and the two ways of saying no."""

from dataclasses import dataclass

MIB = 1024 * 1024


@dataclass(frozen=True)
class Limits:
    module: int = MIB  # bytes of one topic module
    notebook: int = 8 * MIB  # bytes of a notebook with its outputs
    modules: int = 8 * MIB  # bytes of all modules of a submission
    archive: int = 64 * MIB  # bytes of an archive on disk
    members: int = 10_000  # members of an archive, entries looked at in a folder
    directory: int = 4 * MIB  # bytes of a zip's table of contents
    stream: int = 512 * MIB  # bytes that a tar may unpack to while it is searched
    header: int = MIB  # bytes of one extended tar header
    memory: int = 128 * MIB  # what decompressing xz may allocate; `xz -9` needs 65 MiB


LIMITS = Limits()


class UnreadableError(Exception):
    """A whole submission can't be read; the text says why and what to do."""


class UnusableError(Exception):
    """One file can't be read; the submission's other topics still count."""


def megabytes(size: int) -> str:
    return f"{size / MIB:.1f} MiB"


def too_large(name: str, limit: int, size: int | None = None) -> str:
    found = f" ({megabytes(size)})" if size is not None else ""
    return f"{name} is larger than {megabytes(limit)}{found}; hand in code alone, without data or weights"
