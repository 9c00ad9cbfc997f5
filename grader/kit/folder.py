"""A kit in a folder: written anew, or updated without touching what somebody has edited.

Beside its files lies a list of what each was when it was handed out, so that an edited file is known as one.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

NOTES = ".gradkit-kit.json"


class KitError(Exception):
    """The folder can't become a kit; the message says why."""


@dataclass
class Changes:
    """What an update did, by the files' names."""

    written: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)  # edited, and no longer what is handed out


def update(folder: Path, files: Mapping[str, bytes]) -> Changes:
    """Make the folder hold these files. An edited file stays as it is and is named."""
    known = _known(folder)
    changes, digests = Changes(), {}
    for name, data in files.items():
        digests[name] = _put(folder, name, data, known.get(name), changes)
    for name in sorted(known.keys() - files.keys()):
        if _edited(_place(folder, name), known[name]):
            changes.kept.append(name)
            digests[name] = known[name]
        else:
            _place(folder, name).unlink(missing_ok=True)
            changes.removed.append(name)
    _write(folder / NOTES, json.dumps(digests, indent=1, sort_keys=True).encode() + b"\n")
    return changes


def _put(folder: Path, name: str, data: bytes, before: str | None, changes: Changes) -> str:
    """Write one file unless it was edited; returns the digest of what was handed out last."""
    path, new = _place(folder, name), _digest(data)
    now = _digest(path.read_bytes()) if path.exists() else None
    if now == new:
        return new
    if now is not None and now != before:
        changes.kept.append(name)
        return before or new
    _write(path, data)
    changes.written.append(name)
    return new


def _known(folder: Path) -> dict[str, str]:
    """What was handed out before; a folder with other things in it is left alone."""
    if folder.exists() and not folder.is_dir():
        raise KitError(f"{folder} is not a folder")
    notes = folder / NOTES
    if not notes.is_file():
        if folder.is_dir() and any(folder.iterdir()):
            raise KitError(f"{folder} is not empty and not a kit: name a new folder, or one that this command made")
        return {}
    try:
        known = json.loads(notes.read_text(encoding="utf-8"))
        return {str(name): str(digest) for name, digest in known.items()}
    except (OSError, ValueError, AttributeError) as error:
        raise KitError(f"{notes} can't be read, so that nobody knows what was edited: make a new kit") from error


def _place(folder: Path, name: str) -> Path:
    """The list may have been edited, too: no name and no link in it leads out of the kit."""
    pure = PurePosixPath(name)
    path = folder.joinpath(*pure.parts)
    if pure.is_absolute() or not path.resolve().is_relative_to(folder.resolve()):
        raise KitError(f"{name!r} in {folder} leads out of the kit")
    return path


def _edited(path: Path, before: str) -> bool:
    return path.exists() and _digest(path.read_bytes()) != before


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def _digest(data: bytes) -> str:
    """The same with Windows' line ends, which git may put in."""
    return hashlib.sha256(data.replace(b"\r\n", b"\n")).hexdigest()
