"""SUBMISSIONS → what each student handed in: names, topic modules, and what was wrong with them."""

import os
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.collecting import notebooks
from grader.collecting.archives import open_archive
from grader.collecting.choosing import EXERCISES, Modules, is_junk, module_of, names_of, take, topic_of, within_reach
from grader.collecting.folders import FOLDER, Folder, below, kind_of, mode_of, opened, read_regular, regular
from grader.collecting.limits import LIMITS, UnreadableError, UnusableError
from grader.collecting.names import (
    ARCHIVES,
    clean_name,
    feedback_name,
    feedback_names,
    listed,
    short_name,
    shown,
    unique_ids,
)

__all__ = ["CollectError", "Collected", "Found", "collect", "discover", "feedback_name", "feedback_names"]

NOT_HANDED_IN = ("readme", "license", "licence", "copying", "notice", "contributing", "thumbs.db", "desktop.ini")
TEXTS = ("", "md", "txt", "rst", "pdf", "html", "org")  # what such a file about the class may end in


class CollectError(Exception):
    """The command line names nothing that can be graded."""


@dataclass(frozen=True)
class Collected:
    id: str
    sources: Mapping[str, bytes]
    problems: Mapping[str, str]
    message: str | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Found:
    """A submission that was named, and is read when its turn comes: a class need not lie in memory at once."""

    id: str
    folder: str
    name: str
    topics: tuple[str, ...]
    notes: tuple[str, ...] = ()

    def read(self) -> Collected:
        try:
            with opened(self.folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC) as folder:
                modules = _modules(self.name, folder, self.topics)
        except (UnreadableError, UnusableError) as error:
            return Collected(self.id, {}, {}, str(error), self.notes)
        except OSError as error:
            return Collected(self.id, {}, {}, f"{shown(self.name)} can't be read: {error.strerror}", self.notes)
        return Collected(self.id, modules.sources, modules.problems, None, (*self.notes, *modules.notes))


def collect(path: Path, topics: Sequence[str]) -> list[Collected]:
    return [found.read() for found in discover(path, topics)]


def discover(path: Path, topics: Sequence[str]) -> list[Found]:
    """The submissions by id, none of them read yet."""
    # The instructor's own path may be a link; what lies below it comes from students.
    real = os.path.realpath(path)
    if not os.path.lexists(real):
        raise CollectError(f"{path} does not exist")
    if os.path.isdir(real):
        try:
            with opened(real, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC) as folder:
                if not _is_one_submission(folder, topics):
                    _refuse_course(path, folder)
                    return _class(path, real, folder, topics)
        except OSError as error:
            raise CollectError(f"{path} can't be read: {error.strerror}") from error
    name = os.path.basename(os.path.abspath(path)) or "submission"
    [id] = unique_ids([short_name(name, os.path.isdir(real))], [name])
    return [Found(id, os.path.dirname(real), os.path.basename(real) or ".", tuple(topics))]


def _class(path: Path, real: str, folder: int, topics: Sequence[str]) -> list[Found]:
    names = sorted(filter(_handed_in, os.listdir(folder)), key=os.fsencode)
    if not names:
        raise CollectError(f"{path} holds no submissions; expected a folder, an archive or a .py file for each student")
    short = [clean_name(short_name(name, stat.S_ISDIR(mode_of(name, folder) or 0))) for name in names]
    notes = _namesakes(names, short)
    ids = unique_ids(short, names)
    found = (Found(id, real, name, tuple(topics), notes[name]) for id, name in zip(ids, names, strict=True))
    return sorted(found, key=lambda submission: submission.id)


def _namesakes(names: Sequence[str], short: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """For each name, a note of the others that would have had its id."""
    groups: dict[str, list[str]] = {}
    for name, own in zip(names, short, strict=True):
        groups.setdefault(own, []).append(name)
    others = {name: [n for n in groups[own] if n != name] for name, own in zip(names, short, strict=True)}
    return {name: (f"another submission has the same name: {listed(o)}",) if o else () for name, o in others.items()}


def _handed_in(name: str) -> bool:
    first, _, end = name.lower().partition(".")
    about = name.lower() in NOT_HANDED_IN or (first in NOT_HANDED_IN and end in TEXTS)
    return not is_junk(name) and not about


def _is_one_submission(folder: int, topics: Sequence[str]) -> bool:
    """Topic modules in exercises/ or directly inside; one student's lone module must not swallow a whole class."""
    direct = _has(folder, (), topics)
    if _has(folder, (EXERCISES,), topics) or len(direct) > 1:
        return len(_packed_or_folders(folder, topics)) < 2
    if not direct:
        return _holds_assignments(folder, topics)
    return not _holds_others(folder, direct[0], topics)


def _holds_assignments(folder: int, topics: Sequence[str]) -> bool:
    """What nbgrader keeps of a student: a folder for each topic, called like it, and nothing else."""
    names = list(filter(_handed_in, os.listdir(folder)))
    return bool(names) and all(name in topics and _has(folder, (name,), [name]) for name in names)


def _refuse_course(path: Path, folder: int) -> None:
    """The folders in a course of nbgrader are no students."""
    if mode_of("nbgrader_config.py", folder) is not None and mode_of("source", folder) is not None:
        raise CollectError(
            f"{path} is a course folder of nbgrader: name {path / 'submitted'}, or a student's folder there"
        )


def _has(folder: int, parts: tuple[str, ...], topics: Sequence[str]) -> list[str]:
    try:
        with below(folder, parts) as inner:
            return [topic for topic in topics if any(mode_of(n, inner) is not None for n in names_of(topic))]
    except OSError:
        return []


def _holds_others(folder: int, topic: str, topics: Sequence[str]) -> bool:
    """Beside a lone module: an archive, a folder with modules, or two files more that are named after topics."""
    names = [name for name in os.listdir(folder) if _handed_in(name) and name not in names_of(topic)]
    ends = (".py", notebooks.SUFFIX)
    single = [name for name in names if name.endswith(ends) and topic_of(name.rpartition(".")[0], topics)]
    return len(single) > 1 or bool(_packed_or_folders(folder, topics))


def _packed_or_folders(folder: int, topics: Sequence[str]) -> list[str]:
    """Archives, and folders with modules other than exercises/: somebody's submissions, if there are two."""
    names = [name for name in os.listdir(folder) if _handed_in(name) and name != EXERCISES]
    return [
        name
        for name in names
        if name.lower().endswith(ARCHIVES) or _has(folder, (name,), topics) or _has(folder, (name, EXERCISES), topics)
    ]


def _modules(name: str, folder: int, topics: Sequence[str]) -> Modules:
    mode = os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode
    if stat.S_ISLNK(mode):
        raise UnreadableError(f"{shown(name)} is a symbolic link, which is not followed; hand in what it points to")
    if stat.S_ISDIR(mode):
        with opened(name, FOLDER, folder) as root:
            return take(Folder(root, topics), topics)
    if kind_of(mode) != "file":
        raise UnreadableError(
            f"{shown(name)} is not a regular file or folder; hand in a folder, an archive or a .py file"
        )
    return _file(name, folder, topics)


def _file(name: str, folder: int, topics: Sequence[str]) -> Modules:
    if name.lower().endswith(ARCHIVES):
        return _archive(name, folder, topics)
    if name.lower().endswith((".py", notebooks.SUFFIX)):
        return _single(name, folder, topics)
    raise UnreadableError(
        f"{shown(name)} is of a type that is not read; hand in a folder, a zip, a tar, a .py file or a notebook"
    )


def _archive(name: str, folder: int, topics: Sequence[str]) -> Modules:
    modules = {name for topic in topics for name in names_of(topic)}
    with regular(name, LIMITS.archive, folder) as handle, open(handle, "rb", closefd=False) as file:
        return take(open_archive(name, file, lambda p: p[-1] in modules and within_reach(p[:-1])), topics)


def _single(name: str, folder: int, topics: Sequence[str]) -> Modules:
    topic = topic_of(name.rpartition(".")[0], topics)
    if topic is None:
        raise UnreadableError(
            f"no topic can be told from the name {shown(name)}; name it TOPIC.py or NAME_TOPIC.py, "
            f"where TOPIC is one of {listed(topics, most=30)}"
        )
    try:
        return Modules({topic: module_of(lambda limit: read_regular(name, limit, folder), name, shown(name))}, {}, ())
    except UnusableError as error:
        return Modules({}, {topic: str(error)}, ())
