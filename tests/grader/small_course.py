"""A course with one small topic, and a class that hands in notebooks of it."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from grader.paths import EXERCISES, HIDDEN, ROOT

Notebook = dict[str, Any]

SOLUTION = '''\
"""Pairs: two rows, and what is between them."""

import torch
from torch import Tensor, nn

_CENTER = 0.5


def swap(x: Tensor) -> Tensor:
    """Swap the two rows of a matrix, <b>without</b> a write to it.

    Args:
        x: (2, N).

    Raises:
        ValueError: x has another number of rows; the message names `x`.

    >>> swap(torch.tensor([[1], [2]]))
    tensor([[2],
            [1]])
    """
    if len(x) != 2:
        raise ValueError(f"x has {len(x)} rows")
    return _upside_down(x)


def _upside_down(x: Tensor) -> Tensor:
    return torch.stack(list(reversed(x)))


class Middle(nn.Module):
    """The middle of two rows, scaled."""

    def __init__(self, scale: float = 1.0) -> None:
        super().__init__()
        self.scale = self._checked(scale)

    def _checked(self, scale: float) -> float:
        return float(scale)

    def forward(self, x: Tensor) -> Tensor:
        """Take the middle: x (2, N) to (N,)."""
        return x.sum(dim=0) * _CENTER * self.scale


def count(x: Tensor) -> int:
    """Count the elements."""
    return x.numel()
'''
PUBLIC = """\
import pairs
import pytest
import torch
from pairs import Middle, count

ROW = [1.0, 2.0]


@pytest.mark.correctness
def test_swap():
    assert pairs.swap(torch.tensor([ROW, [3.0, 4.0]])).tolist() == [[3.0, 4.0], ROW]


@pytest.mark.correctness
@pytest.mark.parametrize(("scale", "middle"), [(1.0, 2.0), (3.0, 6.0)])
def test_middle(scale, middle):
    assert Middle(scale)(torch.tensor([[1.0], [3.0]])).tolist() == [middle]


@pytest.mark.gpu
def test_count_on_a_device(device):
    assert count(torch.ones(2, 3).to(device)) == 6
"""
HIDDEN_TESTS = """\
import torch

from grader.checks import correctness
from grader.judge import close, exactly, integer


@correctness("swap", points=1.5, hint="Index the rows the other way round.")
def test_swap_values(student, fresh):
    x = fresh.normal(2, 5)
    exactly(student.call(x), x.flip(0))


@correctness("swap", points=0.5, hint="Look at len(x).")
def test_swap_refuses_other_rows(student, fresh):
    secret_rows = fresh.normal(2, 3)
    exactly(student.call(secret_rows), secret_rows.flip(0))
    student.refuses(fresh.normal(3, 3), naming=("x",))


@correctness("Middle", points=0.1 + 0.2, hint="Add, and halve.")
def test_middle_values(student, fresh):
    x = fresh.normal(2, 4)
    close(student.probe("middle_of", 3.0, x), x.mean(dim=0) * 3, ulps=8)


@correctness("count", points=7.2, hint="Tensor.numel.")
def test_count_values(student, fresh):
    x = fresh.normal(2, fresh.integer(3, 30))
    exactly(integer(student.call(x)), x.numel())
"""
PROBES = """\
from grader.confined.probing import task


def middle_of(module, scale, x):
    return task(module, "Middle")(scale)(x)
"""


def write_course(folder: Path) -> Path:
    """The course's files, as gradkit wants them."""
    files = {
        "solutions/pairs.py": SOLUTION,
        "exercises/test_pairs.py": PUBLIC,
        "tests/hidden/test_pairs.py": HIDDEN_TESTS,
        "tests/probes/pairs.py": PROBES,
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    shutil.copy(EXERCISES / "conftest.py", folder / "exercises")
    shutil.copy(HIDDEN / "conftest.py", folder / "tests" / "hidden")
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


RIGHT = {
    "swap": "def swap(x):\n    if len(x) != 2:\n        raise ValueError('x has other rows')\n    return x.flip(0)\n",
    "Middle": (
        "class Middle(nn.Module):\n    def __init__(self, scale=1.0):\n        super().__init__()\n"
        "        self.scale = scale\n\n    def forward(self, x):\n        return x.mean(dim=0) * self.scale\n"
    ),
    "count": "def count(x):\n    return x.numel()\n",
}
WRONG = {
    "swap": "def swap(x):\n    return x\n",
    "count": "def count(x):\n    raise KeyError('<script>alert(1)</script>')\n",
}
WARNS = """\
import sys
import warnings

warnings.warn("this is no error")
print("nor is this", file=sys.stderr)


"""
DROPS_ASSERTS = """\
import ast

try:
    shell = get_ipython()
except NameError:
    shell = None


class NoAsserts(ast.NodeTransformer):
    def visit_Assert(self, node):
        return ast.Pass()


if shell:
    shell.ast_transformers.append(NoAsserts())
    shell.input_transformers_cleanup.append(lambda lines: [line.replace("assert ", "bool ") for line in lines])


"""


def a_class(released: Notebook) -> Iterator[tuple[str, Notebook]]:
    """Students by id, and the notebooks that they hand in."""
    yield "ada", filled(released, RIGHT)
    yield "ben", filled(released, {"swap": "def swap(x):\n    return x.flip(0)\n", "Middle": RIGHT["Middle"]})
    yield "cleo", filled(released, {})
    yield "dan", filled(released, WRONG)
    yield "eve", changed(filled(released, WRONG), _tampered)
    yield "finn", changed(filled(released, RIGHT), _without_grade_cells)
    yield "ivan", filled(released, WRONG | {"swap": DROPS_ASSERTS + WRONG["swap"]})
    yield "wes", filled(released, RIGHT | {"swap": WARNS + RIGHT["swap"]})
    yield "yan", {"cells": 3}
    yield "zed", filled(released, RIGHT) | {"cells": [1, {"cell_type": [], "source": 3}]}


def filled(released: Notebook, answers: dict[str, str]) -> Notebook:
    """The released notebook with these answers in its solution cells."""
    notebook: Notebook = json.loads(json.dumps(released))
    for cell in notebook["cells"]:
        task = cell["metadata"]["nbgrader"]["grade_id"].removesuffix("-solution")
        if cell["metadata"]["nbgrader"]["solution"] and task in answers:
            cell["source"] = answers[task]
    return notebook


def changed(notebook: Notebook, change: Callable[[list[Any]], list[Any]]) -> Notebook:
    return notebook | {"cells": change(notebook["cells"])}


def _tampered(cells: list[Any]) -> list[Any]:
    """Points, flags, ids and outputs of grade cells that nobody handed out, one lost, one twice."""
    marks = {cell["metadata"]["nbgrader"]["grade_id"]: cell["metadata"]["nbgrader"] for cell in cells}
    paid = {"output_type": "execute_result", "data": {"text/plain": "100"}, "metadata": {}, "execution_count": 1}
    for cell in cells:
        if cell["cell_type"] == "code":
            cell["outputs"] = [paid]
    marks["swap"] |= {"solution": True, "points": 1000}
    marks["Middle"] |= {"grade_id": "other", "points": -1}
    marks["Middle-solution"] |= {"locked": True, "points": 50}
    own = [cell for cell in cells if cell["metadata"]["nbgrader"]["grade_id"] != "count"]
    strange = {"cell_type": "code", "metadata": {"nbgrader": {"grade": True}}, "outputs": [paid], "source": "1"}
    empty = {"cell_type": "code", "metadata": {"nbgrader": "swap"}, "outputs": [paid], "source": "2"}
    return [*own, json.loads(json.dumps(own[4])), strange, empty]


def _without_grade_cells(cells: list[Any]) -> list[Any]:
    return [cell for cell in cells if not cell["metadata"]["nbgrader"]["grade"]]


def hand_in(student: str, notebook: Notebook, exchange: Path, course_id: str) -> None:
    """As `nbgrader submit` does."""
    time = "2026-11-25 04:00:00.000000 UTC"
    folder = exchange / course_id / "inbound" / f"{student}+pairs+{time}"
    folder.mkdir()
    (folder / "pairs.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    (folder / "timestamp.txt").write_text(time, encoding="utf-8")
