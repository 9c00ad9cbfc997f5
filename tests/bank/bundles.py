"""Mistakes of several tasks in one submission, so that a bank of hundreds is graded in the time of some dozens.

Two mistakes go together when they are of different tasks and neither can be seen from the other: no name that one
defines is used by the other, or by what the other calls. Each then loses the checks that it loses alone, and the
checks of all other tasks pass.
"""

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache

from bank import SOLUTIONS, Entry

from grader.collect import Collected
from grader.results import Submission

Uses = Mapping[str, frozenset[str]]  # a name of a module to the names that stand in its definition


@dataclass(frozen=True)
class Bundle:
    """Mistakes that are graded as one submission."""

    number: int
    entries: tuple[Entry, ...]

    @property
    def topic(self) -> str:
        return self.entries[0].topic

    @property
    def id(self) -> str:
        return f"mistakes.{self.topic}.{self.number}"

    @property
    def tasks(self) -> set[str]:
        return {entry.task for entry in self.entries}

    def source(self) -> bytes:
        """The solution, then each overlay."""
        first, *others = self.entries
        return b"\n\n".join([first.source(), *(entry.path.read_bytes() for entry in others)])

    def read(self) -> Collected:
        return Collected(self.id, {self.topic: self.source()}, {})

    def takes(self, entry: Entry) -> bool:
        """Whether this mistake can join."""
        return all(independent(entry, other) for other in self.entries)


def bundled(entries: Iterable[Entry]) -> list[Bundle]:
    """Each entry in the first bundle that takes it."""
    found: list[Bundle] = []
    for entry in entries:
        bundle = next((b for b in found if b.topic == entry.topic and b.takes(entry)), None)
        if bundle:
            found[bundle.number] = replace(bundle, entries=(*bundle.entries, entry))
        else:
            found.append(Bundle(len(found), (entry,)))
    return found


def own(entry: Entry, submission: Submission) -> Submission:
    """A bundle's result, of one of its mistakes alone."""
    checks = [check for check in submission.checks if check.task == entry.task]
    return submission.model_copy(update={"checks": checks})


def independent(one: Entry, other: Entry) -> bool:
    return one.task != other.task and not (_sees(one, other) or _sees(other, one))


def _sees(one: Entry, other: Entry) -> bool:
    """Whether a name that the other defines can mean something to this one."""
    return bool(_names(one) & (_defined(other) - _imports_shared(one, other)))


@cache
def _names(entry: Entry) -> frozenset[str]:
    """What stands in an overlay, and in all of the solution that can be reached from there."""
    solution, overlay = _uses((SOLUTIONS / f"{entry.topic}.py").read_bytes()), _uses(entry.path.read_bytes())
    found: set[str] = set()
    waiting = {*overlay, *(name for names in overlay.values() for name in names)}
    while waiting:
        found.add(name := waiting.pop())
        waiting |= (overlay.get(name) or solution.get(name, frozenset())) - found
    return frozenset(found)


@cache
def _defined(entry: Entry) -> frozenset[str]:
    return frozenset(_uses(entry.path.read_bytes()))


def _imports_shared(one: Entry, other: Entry) -> set[str]:
    """Names that both import, and from the same place."""
    mine, theirs = (_imports(entry.path.read_bytes()) for entry in (one, other))
    return {name for name, place in mine.items() if theirs.get(name) == place}


@cache
def _uses(source: bytes) -> Uses:
    """What a module defines, and from what."""
    found: dict[str, frozenset[str]] = dict.fromkeys(_imports(source), frozenset())
    for statement in ast.parse(source).body:
        if isinstance(statement, (ast.FunctionDef, ast.ClassDef)):
            names = {statement.name}
        else:
            names = {n.id for n in ast.walk(statement) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
        found |= dict.fromkeys(names, _identifiers(statement))
    return found


def _identifiers(tree: ast.AST) -> frozenset[str]:
    return frozenset(node.id for node in ast.walk(tree) if isinstance(node, ast.Name))


@cache
def _imports(source: bytes) -> Mapping[str, str]:
    """Names that a module imports, and whence."""
    found = {}
    for statement in ast.parse(source).body:
        if isinstance(statement, (ast.Import, ast.ImportFrom)):
            origin = f"{statement.module}." if isinstance(statement, ast.ImportFrom) else ""
            found |= {(a.asname or a.name.partition(".")[0]): origin + a.name for a in statement.names}
    return found
