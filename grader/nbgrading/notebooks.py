"""Source notebooks for nbgrader: a topic's text, a solution cell and a locked grade cell for each task."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from grader.collecting.notebooks import SUFFIX
from grader.kit.folder import KitError
from grader.nbgrading.cells import GradeCell, grade_cells
from grader.nbgrading.contracts import contract, markdown
from grader.nbgrading.declared import Declared
from grader.nbgrading.regions import Parts, marked, parts_of
from grader.nbgrading.trying import PublicTests
from grader.reports.words import points

Cell = dict[str, Any]

HOW = """\
Write your answers where it says `YOUR CODE HERE`, and run each cell; the cell below an answer runs its public tests
(`pip install torch numpy pytest`). Keep the names of functions and classes. When the notebook is graded, all code cells
but those tests run once, from top to bottom, without Jupyter: lines that begin with `%` or `!` are left out."""
KERNEL = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def notebook(topic: str, solution: str, tests: str, checks: Sequence[Declared]) -> bytes:
    """The source notebook of a topic, as a file; `tests` is the file of its public tests."""
    parts, own = parts_of(solution), [check for check in checks if check.topic == topic]
    if missing := {check.task for check in own} - parts.tasks.keys():
        raise KitError(f"hidden tests of {topic} check what its solution does not define: {', '.join(sorted(missing))}")
    cells = list(_cells(topic, parts, PublicTests(topic, tests), own))
    content = {"cells": cells, "metadata": KERNEL, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(content, indent=1, ensure_ascii=False).encode() + b"\n"


def released(source: bytes) -> bytes:
    """A source notebook without what is between the marks, as nbgrader hands it out."""
    content = json.loads(source)
    for cell in content["cells"]:
        lines = "".join(cell["source"]).split("\n")
        cell["source"] = "\n".join(line for line, answer in marked(lines) if not answer)
    return json.dumps(content, ensure_ascii=False).encode()


def _cells(topic: str, parts: Parts, public: PublicTests, checks: Sequence[Declared]) -> Iterator[Cell]:
    yield _locked(f"{topic}-text", "markdown", f"# {topic}\n\n{markdown(parts.text)}\n\n{HOW}")
    yield _locked(f"{topic}-setup", "code", parts.setup)
    graded = {cell.grade_id: cell for cell in grade_cells(checks)}
    for name, task in parts.tasks.items():
        yield _locked(f"{name}-text", "markdown", contract(task.node))
        yield _cell(f"{name}-solution", "code", task.code, solution=True)
        if name in graded:
            own = [check for check in checks if check.task == name]
            yield _grade(graded[name], _tests(name, own, public.of(name, list(parts.tasks))))


def _tests(task: str, checks: Sequence[Declared], public: str) -> str:
    """The text of a grade cell; its tests run in a notebook alone, not where this is part of a module."""
    kinds: dict[str, list[Declared]] = {}
    for check in checks:
        kinds.setdefault(check.kind, []).append(check)
    total = points(sum(check.max_points for check in checks))
    lines = [f"# Points for {task}: {total}. They are given by tests that are not in this notebook, on other inputs:"]
    lines += [f"#   {kind}: {_listed(own)}" for kind, own in kinds.items()]
    if not public:
        return "\n".join([*lines, "# There is no public test of it that a notebook can run: see the students' kit."])
    name = f"try_{task}"
    lines += ["# These public tests are a first help.", "", "", f"def {name}():", public, "", ""]
    return "\n".join(
        [*lines, 'if __name__ == "__main__":', f"    {name}()", f'    print("{task}: public tests passed")']
    )


def _listed(checks: Sequence[Declared]) -> str:
    return ", ".join(f"{check.name} ({points(check.max_points)})" for check in checks)


def _grade(graded: GradeCell, text: str) -> Cell:
    return _cell(graded.grade_id, "code", text, grade=True, locked=True, points=graded.max_score)


def _locked(id: str, kind: str, text: str) -> Cell:
    return _cell(id, kind, text, locked=True)


def _cell(id: str, kind: str, text: str, **marks: Any) -> Cell:
    usual = {"grade": False, "solution": False, "locked": False, "schema_version": 3, "task": False}
    metadata: Mapping[str, Any] = {"nbgrader": usual | {"grade_id": id} | marks}
    code: Cell = {"execution_count": None, "outputs": []} if kind == "code" else {}
    return {"cell_type": kind, "id": id[:64], "metadata": metadata, "source": text.splitlines(keepends=True)} | code


def file_name(topic: str) -> str:
    """Where a topic's source notebook lies in a course folder."""
    return f"source/{topic}/{topic}{SUFFIX}"
