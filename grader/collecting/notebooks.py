"""A notebook as a module: its code cells joined, without what only IPython understands and without nbgrader's tests."""

import ast
import json
import re
import threading
import warnings
from typing import Any

from grader.collecting.limits import LIMITS, UnusableError, too_large

SUFFIX = ".ipynb"
LONGEST = 1 << 14  # characters of a cell that is looked at, which can take quadratic time; a longer one stays as it is
BODY_IS_PYTHON = ("time", "timeit", "capture", "prun")  # magics of a cell whose other lines are Python
# Parsing in two threads at once can fail before Python 3.11.8 (gh-106905), and all threads share warnings' filters.
ONE_AT_A_TIME = threading.Lock()
MAGIC = re.compile(r"\s*((\w[\w, ]*=\s*)?[%!]|\?|[\w.]+\?\??\s*$)")


HEADING = re.compile(rb"# cell (\d{1,6})$", re.MULTILINE)


def file_of(topic: str, source: bytes) -> str:
    """What a topic's module is called, or was before it was made from a notebook."""
    return f"{topic}{SUFFIX if HEADING.match(source) else '.py'}"


def place(source: bytes, line: int) -> tuple[int, str]:
    """A line of the module as (line, " of cell 3") where it was made from a notebook, else (line, "")."""
    if not HEADING.match(source):
        return line, ""
    above = b"\n".join(source.splitlines()[:line])
    *_, cell = HEADING.finditer(above)
    return line - above.count(b"\n", 0, cell.start()) - 1, f" of cell {int(cell[1])}"


def source_of(notebook: bytes, name: str) -> bytes:
    """The module that a notebook's code cells make up, in their order, each under a comment with its number."""
    try:
        cells = _code_cells(json.loads(notebook))
    except (ValueError, RecursionError, KeyError, TypeError, AttributeError):
        raise UnusableError(
            f"{name} is not a notebook that can be read; save it again, or hand in a .py file"
        ) from None
    if not any(text.strip() for _, text in cells):
        raise UnusableError(f"{name} holds no code; was it saved before it was handed in?")
    if (size := sum(len(text) for _, text in cells)) > LIMITS.module:
        raise UnusableError(too_large(f"the code of {name}", LIMITS.module, size))
    parts = [f"# cell {number}\n{code_of(text)}\n" for number, text in cells]
    return "\n\n".join(parts).encode("utf-8", "replace")


def code_of(cell: str) -> str:
    """The Python of one cell. What parses stays as it is; else lines of IPython become `pass`."""
    first, _, rest = cell.lstrip().partition("\n")
    if first.startswith("%%"):
        words = first[2:].split() or [""]
        above = cell[: len(cell) - len(rest)].count("\n")  # so that lines keep their numbers
        cell = "\n" * above + rest if words[0] in BODY_IS_PYTHON else ""
    return cell if len(cell) > LONGEST or _parses(cell) else "\n".join(map(_without_magic, cell.split("\n")))


def _code_cells(notebook: Any) -> list[tuple[int, str]]:
    """(number from 1 among all cells, text) of the code cells; version 3 keeps its cells in worksheets."""
    cells = notebook["cells"] if "cells" in notebook else [c for w in notebook["worksheets"] for c in w["cells"]]
    numbered = [(k, cell) for k, cell in enumerate(cells, start=1) if cell["cell_type"] == "code"]
    return [(k, _text(cell.get("source", cell.get("input", "")))) for k, cell in numbered if not _is_test(cell)]


def _text(source: Any) -> str:
    return source if isinstance(source, str) else "".join(source)


def _is_test(cell: Any) -> bool:
    """nbgrader's own tests, which would run while the module loads."""
    marks = cell.get("metadata", {}).get("nbgrader", {})
    return bool(marks.get("grade")) and not marks.get("solution")


def _parses(code: str) -> bool:
    try:
        with ONE_AT_A_TIME, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the student's own escapes
            ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _without_magic(line: str) -> str:
    indent = line[: len(line) - len(line.lstrip())]
    return f"{indent}pass" if MAGIC.match(line) else line
