"""Points into grade cells: what nbgrader reads as a cell's score, and the text that its feedback shows."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from nbformat.v4 import new_output
from nbgrader.utils import determine_grade, is_grade, is_solution

from grader.nbgrading.cells import grade_cells
from grader.reports.escape import plain
from grader.reports.words import MARKS, STATUSES, by_task, of, told
from grader.results import CheckResult, Submission

AGAIN = "make the notebooks and `nbgrader generate_assignment` again"


class CellsError(Exception):
    """The notebook's grade cells are not those of the hidden tests; the message says what to do."""


def fill(notebook: Any, submission: Submission, expected: Mapping[str, float]) -> None:
    """Write a submission's points into the grade cells of one topic's notebook; all other outputs go.

    `expected` has id and points of each grade cell, as they are in nbgrader's gradebook.
    """
    most = {cell.grade_id: cell.max_score for cell in grade_cells(submission.checks)}
    _compare(expected, most)
    cells = _grade_cells(notebook, expected)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    for task, checks in by_task(submission.checks).items():
        if task in cells:
            _write(cells[task], checks, expected[task])


def _compare(expected: Mapping[str, float], most: Mapping[str, float]) -> None:
    if not expected:
        raise CellsError(
            "nbgrader's gradebook knows no grade cell of this notebook: `nbgrader generate_assignment` first"
        )
    for task, points in expected.items():
        if task not in most:
            raise CellsError(f"nothing grades the cell {task}: no hidden test checks a task of that name; {AGAIN}")
        if not math.isclose(points, most[task], rel_tol=0, abs_tol=1e-9):
            raise CellsError(
                f"the cell {task} has {points} points in nbgrader, but its checks have {most[task]}: {AGAIN}"
            )


def _grade_cells(notebook: Any, expected: Mapping[str, float]) -> dict[str, Any]:
    """The notebook's grade cells by id: exactly those that are expected."""
    graded = [cell for cell in notebook.cells if is_grade(cell) and not is_solution(cell)]
    found = [cell.metadata.nbgrader.grade_id for cell in graded if cell.cell_type == "code"]
    if sorted(found) != sorted(expected) or len(graded) != len(found):
        raise CellsError(
            "the grade cells of this notebook are not those of the assignment: "
            "RestoreCells must be the first of c.Autograde.sanitize_preprocessors"
        )
    return dict(zip(found, graded, strict=True))


def _write(cell: Any, checks: Sequence[CheckResult], most: float) -> None:
    """No output of the kinds that nbgrader takes for a failure, and one number, which it takes for the points."""
    earned = min(math.fsum(check.points for check in checks), most)
    text = "\n".join(_lines(checks, earned, most)) + "\n"
    data = {"text/plain": repr(earned)}
    cell.outputs = [new_output("stream", name="stdout", text=text), new_output("execute_result", data=data)]
    cell.metadata.nbgrader.points = most
    if (read := determine_grade(cell)) != (earned, most):
        raise CellsError(f"nbgrader would read {read} from a cell with {of(earned, most)} points")


def _lines(checks: Sequence[CheckResult], earned: float, most: float) -> Iterator[str]:
    """What a student reads; nbgrader escapes it for HTML."""
    yield f"{of(earned, most)} points"
    for check in checks:
        points = of(check.points, check.max_points)
        yield f"{MARKS[check.status]} {STATUSES[check.status]}, {points}: {plain(check.name)} ({check.kind})"
        yield from (f"    {plain(line)}" for line in told(check))
