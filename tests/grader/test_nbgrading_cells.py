"""Grade cells: restored before grading, filled after it, and nothing given where the grader could not do its work."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from nbformat import from_dict
from nbgrader.utils import determine_grade

from grader.collect import Found
from grader.fingerprint import content_digest
from grader.gradebook import Shelf
from grader.nbgrading import grading
from grader.nbgrading.filling import CellsError, fill
from grader.nbgrading.grading import Asked, Grading, TroubleError
from grader.nbgrading.restoring import KnownCell, autograded, restored
from grader.results import CheckResult, Confinement, Results, Run, Submission
from grader.run import GradingError, Outcome

SETUP = KnownCell("strides-setup", "code", "import torch", "c" * 32, True, False, False, None)
ANSWER = KnownCell("windows-solution", "code", "raise", "c" * 32, False, True, False, None)
GRADED = KnownCell("windows", "code", "assert True", "c" * 32, True, False, False, 0.1 + 0.2)
ESSAY = KnownCell("essay", "markdown", "YOUR ANSWER", "c" * 32, False, True, False, 4.0)
KNOWN = [SETUP, ANSWER, GRADED, ESSAY]


def cell(text: Any, kind: Any = "code", **marks: Any) -> dict[str, Any]:
    outputs = [{"output_type": "error", "ename": "E", "evalue": "", "traceback": []}]
    return {"cell_type": kind, "source": text, "metadata": {"nbgrader": marks, "tags": ["x"]}, "outputs": outputs}


def texts(notebook: Any) -> list[str]:
    return [cell.source for cell in notebook.cells]


def marks(notebook: Any) -> list[Any]:
    return [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in notebook.cells]


def test_lost_cells_come_back_where_they_were_and_solutions_do_not() -> None:
    empty = restored({"cells": []}, KNOWN)
    assert marks(empty) == ["strides-setup", "windows", "essay"]
    assert texts(empty) == ["import torch", "assert True", "YOUR ANSWER"]
    some = restored({"cells": [cell("mine"), cell("answer", grade_id="windows-solution"), cell("more")]}, KNOWN)
    assert texts(some) == ["import torch", "mine", "answer", "assert True", "YOUR ANSWER", "more"]


def test_of_two_cells_with_one_id_the_last_has_it_and_its_text_is_the_courses() -> None:
    both = [cell("first", grade_id="windows", grade=True, points=9), cell("last", grade_id="windows", solution=True)]
    notebook = restored({"cells": both}, [GRADED])
    assert list(zip(texts(notebook), marks(notebook), strict=True)) == [("first", None), ("assert True", "windows")]
    assert notebook.cells[1].metadata.nbgrader == {
        "grade": True, "grade_id": "windows", "points": 0.1 + 0.2, "locked": True, "solution": False, "task": False,
        "schema_version": 3, "checksum": "c" * 32, "cell_type": "code",
    }  # fmt: skip


def test_outputs_and_metadata_of_students_go_and_answers_stay() -> None:
    notebook = restored({"cells": [cell("answer", grade_id="windows-solution")], "metadata": {"x": 1}}, [ANSWER])
    [only] = notebook.cells
    assert (only.source, only.outputs, list(only.metadata)) == ("answer", [], ["nbgrader"])
    assert "x" not in notebook.metadata


@pytest.mark.parametrize(
    "cells",
    [
        None,
        7,
        "cells",
        [None, 7, [], "x"],
        [{}],
        [cell(["a", 7, "b"])],
        [cell(7, kind=["code"])],
        [{"cell_type": "code", "metadata": 7}],
        [{"cell_type": "code", "metadata": {"nbgrader": [1]}}],
        [cell("", grade_id=["windows"])],
        [cell("", grade_id={"a": 1}), cell("", kind="heading", grade_id="windows")],
    ],
)
def test_any_cells_are_restored(cells: Any) -> None:
    notebook = restored(from_dict({"cells": cells}), KNOWN)
    assert [mark for mark in marks(notebook) if mark] == ["strides-setup", "windows", "essay"]


def check(task: str, points: float, most: float, **more: Any) -> CheckResult:
    given = {"status": "passed" if points else "failed", "kind": "correctness", "name": "values"} | more
    return CheckResult(topic="strides", task=task, points=points, max_points=most, **given)


def graded(*checks: CheckResult) -> Submission:
    points, most = sum(check.points for check in checks), sum(check.max_points for check in checks)
    return Submission(id="ann", status="graded", points=points, max_points=most, checks=list(checks))


@pytest.mark.parametrize("earned", [(0.1, 0.2), (0.1, 0.0), (0.0, 0.0)])
def test_nbgrader_reads_exactly_the_points_from_a_filled_cell(earned: tuple[float, float]) -> None:
    notebook = restored({"cells": []}, [GRADED])
    fill(notebook, graded(check("windows", earned[0], 0.1), check("windows", earned[1], 0.2)), autograded([GRADED]))
    assert determine_grade(notebook.cells[0]) == (sum(earned), 0.1 + 0.2)


def test_the_text_of_a_cell_has_no_terminal_codes_and_no_new_line_of_a_students() -> None:
    notebook = restored({"cells": []}, [GRADED])
    told = check("windows", 0, 0.1 + 0.2, message="\x1b[31mred\nsecond", hint="Look.", diagnosis="a copy")
    fill(notebook, graded(told), autograded([GRADED]))
    text = notebook.cells[0].outputs[0].text
    assert text.splitlines() == [
        "0 of 0.3 points",
        "✗ failed, 0 of 0.3: values (correctness)",
        "    red second",
        "    Diagnosis: a copy",
        "    Hint: Look.",
    ]


@pytest.mark.parametrize(
    ("known", "present", "says"),
    [
        ([GRADED], [GRADED, replace(GRADED, grade_id="other")], "are not those of the assignment"),
        ([GRADED], [], "are not those of the assignment"),
        ([replace(GRADED, points=3.0)], [GRADED], "has 3.0 points in nbgrader, but its checks have 0.3"),
        ([replace(GRADED, grade_id="area")], [GRADED], "nothing grades the cell area"),
        ([], [], "knows no grade cell"),
    ],
)
def test_cells_that_are_not_those_of_the_hidden_tests_get_nothing(
    known: list[KnownCell], present: list[KnownCell], says: str
) -> None:
    notebook = restored({"cells": []}, present)
    with pytest.raises(CellsError, match=says):
        fill(notebook, graded(check("windows", 0.1 + 0.2, 0.1 + 0.2)), autograded(known))
    assert not any(cell.outputs for cell in notebook.cells)


def test_a_cell_that_people_grade_is_left_to_them() -> None:
    notebook = restored({"cells": [cell("my words", "markdown", grade_id="essay")]}, [GRADED, ESSAY])
    fill(notebook, graded(check("windows", 0, 0.1 + 0.2)), autograded([GRADED, ESSAY]))
    essay = next(cell for cell in notebook.cells if cell.source == "my words")
    assert determine_grade(essay) == (None, 4.0)


@pytest.fixture
def asked(tmp_path: Path) -> Asked:
    """Two students with notebooks of a topic."""
    for student in ("ann", "bob"):
        folder = tmp_path / "submitted" / student / "strides"
        folder.mkdir(parents=True)
        code = {"cell_type": "code", "source": f"name = {student!r}", "metadata": {}}
        (folder / "strides.ipynb").write_text(json.dumps({"cells": [code]}), encoding="utf-8")
    return Asked(tmp_path, tmp_path / "submitted", "strides", ("ann", "bob"), "sim", 1)


RUN = Run(
    started="2026-11-25T04:00:00Z",
    seconds=0,
    confinement=Confinement(layers=[], missing=[]),
    device="sim",
    versions={},
    seed="s",
)


class Engine:
    """In the place of a run: these checks for everybody, kept as a run keeps them."""

    def __init__(self, *checks: CheckResult, troubles: tuple[str, ...] = ()) -> None:
        self.checks, self.troubles, self.asked = checks, troubles, list[list[str]]()

    def __call__(self, found: list[Found], options: Any, book: Any) -> Outcome:
        self.asked.append([submission.id for submission in found])
        entry = book.begin("setup")
        for submission in found:
            settled = not self.troubles and all(check.status != "unproven" for check in self.checks)
            result = graded(*self.checks).model_copy(update={"id": submission.id})
            book.keep(entry, content_digest(submission.read()), result, settled=settled, seconds=0)
        shelf = Shelf(book, entry, tuple(submission.id for submission in found))
        return Outcome(Results(RUN, shelf), list(self.troubles))


def test_the_first_question_grades_everybody_and_a_new_hand_in_is_graded_again(
    asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = Engine(check("windows", 1, 1))
    monkeypatch.setattr(grading, "run", engine)
    own = Grading()
    assert [own.of(student, asked).id for student in ("bob", "ann")] == ["bob", "ann"]
    assert engine.asked == [["ann", "bob"]]
    code = {"cell_type": "code", "source": "new = 1", "metadata": {}}
    (asked.submitted / "bob/strides/strides.ipynb").write_text(json.dumps({"cells": [code]}), encoding="utf-8")
    own.of("bob", replace(asked, students=("bob",)))
    assert engine.asked[1:] == [["bob"]]


def test_a_check_that_the_machine_could_not_tell_is_no_zero(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grading, "run", Engine(check("windows", 0, 1, status="unproven", name="speed")))
    with pytest.raises(TroubleError, match=r"could not tell .* windows \(speed\)\. Nothing is given"):
        Grading().of("ann", asked)


def test_a_fault_of_the_grader_is_no_zero_and_names_itself(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        grading, "run", Engine(check("windows", 0, 1, status="error"), troubles=("ann: it broke", "b: x"))
    )
    with pytest.raises(TroubleError, match=r"^ann: it broke\. Nothing is given"):
        Grading().of("ann", asked)


def test_where_nothing_can_be_graded_each_is_told_and_it_is_tried_once(
    asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[int] = []

    def broken(*_: Any, **__: Any) -> Outcome:
        tries.append(1)
        raise GradingError("the confinement does not hold here")

    monkeypatch.setattr(grading, "run", broken)
    own = Grading()
    for student in ("ann", "bob"):
        with pytest.raises(TroubleError, match="does not hold"):
            own.of(student, asked)
    assert len(tries) == 1
