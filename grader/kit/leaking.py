"""Fragments of answers: what stands in a solution's functions or in a hidden test, and nowhere that students see."""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from grader.kit.packing import PLUGIN, modules, public_tests
from grader.paths import HIDDEN, PROBES, SOLUTIONS

SHORTEST = 16  # characters without blanks; `return result` is no secret


@dataclass(frozen=True)
class Leak:
    """A file of the kit, and what in it comes from where."""

    name: str
    source: str
    fragment: str

    def __str__(self) -> str:
        return f"{self.name} holds a line of {self.source}: {self.fragment}"


def leaks(files: Mapping[str, bytes]) -> list[Leak]:
    """Every file that holds a fragment, however it is indented, quoted or joined with other text."""
    texts = {name: _squeezed(data.decode("utf-8", "replace")) for name, data in files.items()}
    found = ((name, text, secret) for secret in _secrets().items() for name, text in texts.items())
    return [Leak(name, source, fragment) for name, text, (fragment, source) in found if fragment in text]


@cache
def _secrets() -> dict[str, str]:
    """Fragment, without blanks, to where it stands."""
    solutions = {path.name: path.read_text(encoding="utf-8") for path in sorted(SOLUTIONS.glob("*.py"))}
    public = [path.read_text(encoding="utf-8") for path in (*public_tests(), *modules(PLUGIN))]
    seen = _squeezed("\n".join([*public, *map(_declared, solutions.values())]))
    secret = [(f"solutions/{name}", line) for name, text in solutions.items() for line in _bodies(text)]
    secret += [(f"tests/{path.parent.name}/{path.name}", line) for path, line in _hidden()]
    return {line: source for source, line in secret if _tells(line) and line not in seen}


def _tells(line: str) -> bool:
    """Whether it can be a secret: long enough, and more than one name, such as a task's."""
    return len(line) >= SHORTEST and not line.strip("\"',").isidentifier()


def _hidden() -> Iterator[tuple[Path, str]]:
    for path in sorted((*HIDDEN.rglob("*.py"), *PROBES.rglob("*.py"))):
        for line in path.read_text(encoding="utf-8").splitlines():
            yield path, _squeezed(line)


def _bodies(source: str) -> Iterator[str]:
    """The lines of all functions behind their docstrings, without blanks."""
    lines = source.splitlines()
    return (_squeezed(lines[number]) for number in sorted(_answers(source)))


def _declared(source: str) -> str:
    """All other lines: signatures, docstrings, imports."""
    answers = _answers(source)
    return "\n".join(line for number, line in enumerate(source.splitlines()) if number not in answers)


def _answers(source: str) -> set[int]:
    """Numbers, from 0, of the lines that belong to an answer; found by the syntax, whatever the stubs leave out."""
    functions = [
        node for node in ast.walk(ast.parse(source)) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    ]
    return {line for function in functions for line in _answer(function)}


def _answer(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterable[int]:
    hidden = function.name.startswith("_") and not function.name.startswith("__")
    documented = ast.get_docstring(function) is not None
    first = function.body[0]
    start = function.lineno - 1 if hidden else (first.end_lineno or 0) if documented else first.lineno - 1
    return range(start, function.end_lineno or start)


def _squeezed(text: str) -> str:
    """Without blanks, line ends, and the escapes that JSON has for them."""
    return re.sub(r"\s+", "", text.replace("\\n", "\n").replace('\\"', '"'))
