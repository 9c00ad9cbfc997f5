"""Which of a submission's files are its topic modules."""

import functools
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from grader.collecting import notebooks
from grader.collecting.limits import LIMITS, UnreadableError, UnusableError, megabytes, too_large
from grader.collecting.names import PACKED, listed, shown
from grader.collecting.texts import checked, filled
from grader.paths import SOLUTIONS
from grader.stubs import stub_of

DEEPEST = 3
EXERCISES = "exercises"
EMPTY = f"down to {DEEPEST} folders deep there is no file, hidden ones and caches aside"
# What others graders were taken over with; named first, so that a long list of ignored files shows it.
NBGRADERS = ("timestamp.txt", "submission_secret.txt")  # what `nbgrader submit` puts beside a notebook
TAKEOVERS = ("conftest.py", "pytest.ini", "sitecustomize.py", "usercustomize.py", "torch.py", "tox.ini", "setup.cfg")

Kind = Literal["file", "link", "other"]
Parts = tuple[str, ...]


@dataclass(frozen=True)
class Entry:
    """A file below a submission's root: the names on the way to it, its own last."""

    parts: Parts
    kind: Kind = "file"

    @property
    def path(self) -> str:
        return shown("/".join(self.parts))

    @property
    def rank(self) -> tuple[int, bool, bool, bool, Parts]:
        folder = self.parts[:-1]
        return len(self.base), not self.is_at_home, folder[-1:] != (EXERCISES,), self.is_notebook, self.parts

    @property
    def is_at_home(self) -> bool:
        """In a folder of its own name, as nbgrader keeps assignments."""
        return self.base[-1:] == (self.parts[-1].rpartition(".")[0],)

    @property
    def is_notebook(self) -> bool:
        return self.parts[-1].endswith(notebooks.SUFFIX)

    @property
    def base(self) -> Parts:
        folder = self.parts[:-1]
        return folder[:-1] if folder[-1:] == (EXERCISES,) else folder


class Place(Protocol):
    """A folder or an archive, listed once and then read from."""

    @property
    def word(self) -> str:
        """What to call it in a message."""

    @property
    def cut(self) -> bool:
        """Whether it holds more entries than were listed."""

    def entries(self) -> Iterable[Entry]: ...

    def read(self, entry: Entry, limit: int) -> bytes:
        """At most limit bytes; UnusableError where the file holds more, or is no file."""


@dataclass(frozen=True)
class Modules:
    sources: Mapping[str, bytes]
    problems: Mapping[str, str]
    notes: tuple[str, ...]


def names_of(topic: str) -> tuple[str, str]:
    """What a topic's module may be called."""
    return f"{topic}.py", f"{topic}{notebooks.SUFFIX}"


def module_of(read: Callable[[int], bytes], name: str, shown_name: str) -> bytes:
    """The source of a file that `read(limit)` reads."""
    if not name.lower().endswith(notebooks.SUFFIX):
        return checked(read(LIMITS.module), shown_name)
    source = notebooks.source_of(filled(read(LIMITS.notebook), shown_name), shown_name)
    if len(source) > LIMITS.module:
        raise UnusableError(too_large(f"the code of {shown_name}", LIMITS.module, len(source)))
    return source


def is_junk(name: str) -> bool:
    """Hidden files, macOS' resource forks (._x) and __MACOSX, caches."""
    return name.startswith(".") or name in ("__MACOSX", "__pycache__")


def within_reach(folder: Parts) -> bool:
    depth = len(folder) - (folder[-1:] == (EXERCISES,))
    return depth <= DEEPEST and not any(map(is_junk, folder))


def take(place: Place, topics: Sequence[str]) -> Modules:
    """The best file of each topic, read; nothing else is."""
    listed_once = {entry.parts: entry for entry in place.entries()}  # of two with one path the last, as when unpacking
    reachable = (e for e in listed_once.values() if within_reach(e.parts[:-1]) and not is_junk(e.parts[-1]))
    entries = list(reachable)
    if not entries:
        raise UnreadableError(f"the {place.word} is empty ({EMPTY}); expected {expected(topics)}")
    found = {topic: [entry for entry in entries if entry.parts[-1] in names_of(topic)] for topic in topics}
    problems = _misspelt(entries, [topic for topic in topics if not found[topic]], topics)
    if not any(found.values()) and not problems:
        raise UnreadableError(_no_module(entries, topics))
    sources, notes = _read(place, found, problems)
    cut = (f"the {place.word} holds too many entries; only the first {LIMITS.members} were looked at",)
    return Modules(sources, problems, (*notes, *_ignored(entries, topics), *(cut if place.cut else ())))


def expected(topics: Sequence[str]) -> str:
    names = listed([f"{topic}.py" for topic in topics], most=30)
    return f"one or more of {names} (or .ipynb), at the top, in {EXERCISES}/ or in one folder around them"


def topic_of(stem: str, topics: Sequence[str]) -> str | None:
    """ann_topic, topic_ann, ann.topic, and with the -1 or (1) that Canvas and browsers append."""
    stem = re.sub(r"(-\d+| ?\(\d+\))$", "", stem)
    names = [topic for topic in topics if re.search(rf"(^|.[_.\- ]){re.escape(topic)}$", stem, re.DOTALL)]
    names += [topic for topic in topics if re.match(rf"{re.escape(topic)}[_.\- ].", stem, re.DOTALL)]
    longest = {name for name in names if not any(name != other and name in other for other in names)}
    return longest.pop() if len(longest) == 1 else None


def _read(
    place: Place, found: Mapping[str, Sequence[Entry]], problems: dict[str, str]
) -> tuple[dict[str, bytes], list[str]]:
    sources: dict[str, bytes] = {}
    notes: list[str] = []
    for topic, entries in found.items():
        try:
            if entries:
                best = _best(topic, _touched(place, topic, entries), notes)
                sources[topic] = _one(place, best, LIMITS.modules - sum(map(len, sources.values())))
        except UnusableError as error:
            problems[topic] = str(error)
    return sources, notes


def _one(place: Place, entry: Entry, left: int) -> bytes:
    if entry.kind == "link":
        raise UnusableError(f"{entry.path} is a link; hand in the file itself")
    if entry.kind == "other":
        raise UnusableError(f"{entry.path} is not a regular file; hand in a Python module")
    source = module_of(lambda limit: place.read(entry, limit), entry.parts[-1], entry.path)
    if len(source) > left:
        raise UnusableError(
            f"{entry.path} was left out: the modules together are larger than {megabytes(LIMITS.modules)}"
        )
    return source


def _touched(place: Place, topic: str, entries: Sequence[Entry]) -> Sequence[Entry]:
    """Of several files those that are not the stub as it was handed out: the kit's may lie beside a notebook."""
    stub = _stub(topic) if len(entries) > 1 else b""
    return [entry for entry in entries if not stub or not _holds(place, entry, stub)] or entries


def _holds(place: Place, entry: Entry, source: bytes) -> bool:
    try:
        return entry.kind == "file" and place.read(entry, LIMITS.module).split() == source.split()
    except UnusableError:
        return False


@functools.cache
def _stub(topic: str) -> bytes:
    solution = SOLUTIONS / f"{topic}.py"
    return stub_of(solution.read_text(encoding="utf-8")).encode() if solution.is_file() else b""


def _best(topic: str, entries: Sequence[Entry], notes: list[str]) -> Entry:
    """exercises/ before the root before deeper ones; two folders side by side are a question to the student.

    It is no question where one of them has the topic's name.
    """
    ranked = sorted(entries, key=lambda entry: entry.rank)
    best, *others = ranked
    beside = [entry for entry in others if entry.base[: len(best.base)] != best.base]
    if best.base and any(entry.is_at_home or not best.is_at_home for entry in beside):
        raise UnusableError(
            f"{topic}.py is in several folders: {listed([e.path for e in ranked])}; hand in one of them"
        )
    if others:
        notes.append(f"{best.path} was graded; not {listed([entry.path for entry in others])}")
    return best


def _misspelt(entries: Sequence[Entry], missing: Sequence[str], topics: Sequence[str]) -> dict[str, str]:
    """What may be a missing topic's module under another name."""
    others = [e for e in sorted(entries, key=lambda e: e.rank) if e.parts[-1] not in _usual(topics)]
    alike = {topic: [e for e in others if _meant(e.parts[-1], topics) == topic] for topic in missing}
    return {topic: _renamed(topic, found) for topic, found in alike.items() if found}


def _renamed(topic: str, found: Sequence[Entry]) -> str:
    name = names_of(topic)[all(notebooks.SUFFIX in entry.parts[-1].lower() for entry in found)]
    one = "" if len(found) == 1 else ": one of them"
    return f"{listed([entry.path for entry in found])}{one} must be named {name}"


def _meant(name: str, topics: Sequence[str]) -> str | None:
    """The topic of strides (1).py, Strides_final.py, stride.py, TrainingLoop.py, strides.py.txt."""
    stem, end, rest = name.lower().partition(".py" if ".py" in name.lower() else notebooks.SUFFIX)
    if not end or rest not in ("", ".txt") or stem.startswith("test_"):
        return None
    alike = [topic for topic in topics if _letters(topic) == _letters(stem)]
    return alike[0] if len(alike) == 1 else topic_of(stem, topics)


def _letters(name: str) -> str:
    return re.sub(r"[\W_]", "", name).removesuffix("s")


def _no_module(entries: Sequence[Entry], topics: Sequence[str]) -> str:
    names = listed(sorted(entry.path for entry in entries), most=5)
    packed = [entry.path for entry in entries if entry.parts[-1].lower().endswith(PACKED)]
    unpack = f"; an archive inside is not looked into: unpack {listed(packed, most=3)} first" if packed else ""
    return f"no topic module was found among {names}{unpack}; expected {expected(topics)}"


def _usual(topics: Sequence[str]) -> set[str]:
    tests = (f"test_{topic}.py" for topic in topics)
    return {*(name for topic in topics for name in names_of(topic)), *tests, *NBGRADERS}


def _ignored(entries: Iterable[Entry], topics: Sequence[str]) -> tuple[str, ...]:
    others = {entry for entry in entries if entry.parts[-1] not in _usual(topics)}
    ranked = sorted(others, key=lambda entry: (entry.parts[-1] not in TAKEOVERS, entry.rank))
    return (f"ignored: {listed([entry.path for entry in ranked])}",) if ranked else ()
