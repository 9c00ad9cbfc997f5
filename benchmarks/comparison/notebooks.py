"""The assignment as notebooks: for nbgrader with locked grade cells, for otter with test files."""

import zipfile
from collections.abc import Mapping
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

ASSIGNMENT = "throughput"
SETUP = "from kernel_checks import assert_passed, verdicts\nchecked = verdicts()"
KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
OTTER_TEST = """\
from otter.test_files import test_case

OK_FORMAT = False
name = {key!r}
points = {points!r}

@test_case(points=points, hidden=True)
def test():
    from kernel_checks import assert_passed
    assert_passed({key!r})
"""


def nbgrader_notebook(points: Mapping[str, float]) -> nbformat.NotebookNode:
    """A cell that runs the checks, and a locked grade cell for each."""
    cells = [_cell(SETUP, "setup", 0, grade=False)]
    cells += [_cell(f"assert_passed({key!r})", f"check{i:03}", points[key]) for i, key in enumerate(points)]
    return new_notebook(cells=cells, metadata=KERNEL)


def otter_notebook() -> nbformat.NotebookNode:
    """Only the cell that runs the checks: otter brings the test files."""
    return new_notebook(cells=[new_code_cell(SETUP)], metadata=KERNEL)


def otter_autograder(path: Path, points: Mapping[str, float]) -> None:
    """What `otter generate` writes, without the files for a container."""
    with zipfile.ZipFile(path, "w") as file:
        for number, (key, value) in enumerate(points.items()):
            file.writestr(f"tests/check{number:03}.py", OTTER_TEST.format(key=key, points=value))
        file.writestr("otter_config.json", '{"pdf": false}')


def _cell(source: str, name: str, points: float, grade: bool = True) -> nbformat.NotebookNode:
    about = {"grade_id": name, "grade": grade, "solution": False, "locked": True, "schema_version": 3, "task": False}
    return new_code_cell(source, metadata={"nbgrader": about | ({"points": points} if grade else {})})
