"""Once round nbgrader: notebooks, release, a class of submissions, autograde, feedback; and the same by grade.py."""

import json
import math
import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from small_course import a_class, hand_in, write_course

from grader.kit.leaking import Leak
from grader.paths import COURSE, ROOT

pytestmark = pytest.mark.slow

POINTS = {"swap": 2.0, "Middle": 0.1 + 0.2, "count": 7.2}


@dataclass
class Round:
    """A course folder, and the programs that work in it."""

    folder: Path
    course: Path
    exchange: Path
    said: str = ""
    codes: list[int] = field(default_factory=list)
    scores: dict[str, dict[str, list[float]]] = field(default_factory=dict)

    def program(self, *words: str, text: str = "", cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        """A program of Python's, with the course in place of this one's."""
        binaries = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        own = {"PATH": binaries, COURSE: str(self.course), "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
        return subprocess.run(
            [sys.executable, *words], input=text, capture_output=True, text=True, env=os.environ | own, cwd=cwd or ROOT
        )

    def nbgrader(self, *commands: list[str], python: str = sys.executable) -> None:
        script = Path(__file__).with_name("nbgrader_commands.py")
        done = self.program(str(script), python, text=json.dumps(commands), cwd=self.folder)
        assert done.stdout, done.stderr
        self.said = done.stdout + done.stderr
        answer = json.loads(done.stdout.splitlines()[-1])
        self.codes, self.scores = answer["codes"], answer["scores"]

    def notebooks(self) -> subprocess.CompletedProcess[str]:
        return self.program("grader/release.py", "notebooks", str(self.folder))

    def notebook(self, *parts: str) -> Any:
        return json.loads(self.folder.joinpath(*parts).read_text(encoding="utf-8"))

    def feedback(self, student: str) -> str:
        return (self.folder / "feedback" / student / "pairs" / "pairs.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Round:
    """The course folder, and the assignment as it is handed out."""
    root = tmp_path_factory.mktemp("nbgrading")
    round = Round(root / "deep course", write_course(root / "course"), root / "exchange")
    round.exchange.mkdir()
    done = round.notebooks()
    assert done.returncode == 0, done.stderr
    with (round.folder / "nbgrader_config.py").open("a", encoding="utf-8") as file:
        file.write(f"c.Exchange.root = {str(round.exchange)!r}\n")
    round.nbgrader(
        ["generate_assignment", "pairs"],
        ["release_assignment", "pairs"],
        ["validate", "source/pairs/pairs.ipynb"],
        ["validate", "release/pairs/pairs.ipynb"],
    )
    return round


@pytest.fixture(scope="module")
def autograded(released: Round) -> Round:
    """The class handed in, collected and autograded, and its feedback."""
    handed_out = json.loads((released.exchange / "deep-course/outbound/pairs/pairs.ipynb").read_text(encoding="utf-8"))
    for student, notebook in a_class(handed_out):
        hand_in(student, notebook, released.exchange, "deep-course")
    round = Round(released.folder, released.course, released.exchange)
    round.nbgrader(["collect", "pairs"], ["autograde", "pairs"], ["generate_feedback", "pairs"])
    return round


@pytest.fixture(scope="module")
def by_grade(autograded: Round, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, float]]:
    """Student and task to points, as grade.py gives them for the same folder."""
    out = tmp_path_factory.mktemp("results")
    done = autograded.program("grader/grade.py", str(autograded.folder / "submitted"), "--out", str(out))
    assert done.returncode == 0, done.stderr
    earned: dict[str, dict[str, list[float]]] = {}
    for submission in json.loads((out / "results.json").read_text(encoding="utf-8"))["submissions"]:
        for check in submission["checks"]:
            earned.setdefault(submission["id"], {}).setdefault(check["task"], []).append(check["points"])
    return {id: {task: math.fsum(points) for task, points in tasks.items()} for id, tasks in earned.items()}


def points(round: Round, student: str) -> dict[str, float]:
    return {task: score for task, (score, _) in round.scores[student].items()}


def test_what_is_handed_out_validates_and_the_untouched_one_does_not(released: Round) -> None:
    assert released.codes == [0, 0, 0, 0]
    assert released.said.count("Success! Your notebook passes all the tests.") == 1
    assert "VALIDATION FAILED ON 2 CELL(S)" in released.said, "count has no public test that a notebook can run"


def test_what_is_handed_out_holds_neither_answers_nor_hidden_tests(released: Round) -> None:
    data = released.folder / "release" / "pairs" / "pairs.ipynb"
    looked = (
        "from grader.kit import leaks; import pathlib, sys; print(leaks({'n': pathlib.Path(sys.argv[1]).read_bytes()}))"
    )
    assert released.program("-c", looked, str(data)).stdout == "[]\n"
    source = released.program("-c", looked, str(released.folder / "source" / "pairs" / "pairs.ipynb")).stdout
    assert Leak.__name__ in source, "the source notebook has the answers, and they are found there"


def test_solution_cells_hold_the_whole_answer_with_its_helpers(released: Round) -> None:
    cells = {
        cell["metadata"]["nbgrader"]["grade_id"]: cell
        for cell in released.notebook("release/pairs/pairs.ipynb")["cells"]
    }
    texts = {id: "".join(cell["source"]) for id, cell in cells.items()}
    assert texts["swap-solution"] == (
        "def swap(x: Tensor) -> Tensor:\n"
        '    """Swap the two rows of a matrix, <b>without</b> a write to it."""\n'
        "    # YOUR CODE HERE\n    raise NotImplementedError()"
    )
    assert "_" not in texts["Middle-solution"].replace("__init__", "")
    assert texts["pairs-setup"] == "import torch\nfrom torch import Tensor, nn"
    assert "&lt;b>" in texts["swap-text"], "a notebook would take it for HTML"
    for task, most in POINTS.items():
        assert (
            cells[task]["metadata"]["nbgrader"] | {"points": most, "grade": True, "locked": True}
            == cells[task]["metadata"]["nbgrader"]
        )


def test_the_same_command_updates_and_keeps_what_was_edited(autograded: Round) -> None:
    done = autograded.notebooks()
    assert done.returncode == 0
    assert "nbgrader_config.py: edited, so it stays as it is" in done.stderr
    assert "c.Exchange.root" in (autograded.folder / "nbgrader_config.py").read_text(encoding="utf-8")


def test_nbgrader_and_grade_py_give_the_same_points_cell_by_cell(
    autograded: Round, by_grade: dict[str, dict[str, float]]
) -> None:
    assert autograded.codes == [0, 0, 0], autograded.said
    assert len(by_grade) == 10
    for student in by_grade:
        assert points(autograded, student) == by_grade[student], student
        assert {task: most for task, (_, most) in autograded.scores[student].items()} == POINTS


def test_right_partly_wrong_and_untouched_submissions(autograded: Round) -> None:
    assert points(autograded, "ada") == POINTS
    assert points(autograded, "ben") == {"swap": 1.5, "Middle": POINTS["Middle"], "count": 0.0}
    assert points(autograded, "cleo") == dict.fromkeys(POINTS, 0.0)


def test_an_honest_solution_that_warns_keeps_its_points(autograded: Round) -> None:
    assert points(autograded, "wes") == POINTS


def test_a_notebook_that_lost_its_grade_cells_keeps_its_points(autograded: Round) -> None:
    assert points(autograded, "finn") == POINTS


@pytest.mark.parametrize("student", ["eve", "ivan"])
def test_tampered_cells_and_hooks_that_drop_asserts_gain_nothing(autograded: Round, student: str) -> None:
    assert points(autograded, "dan") == {"swap": 0.0, "Middle": 0.0, "count": 0.0}
    assert points(autograded, student) == points(autograded, "dan")


@pytest.mark.parametrize("student", ["yan", "zed"])
def test_a_file_that_is_no_notebook_gets_no_points_and_is_told_so(autograded: Round, student: str) -> None:
    assert points(autograded, student) == dict.fromkeys(POINTS, 0.0)
    assert "pairs.ipynb is not a notebook that can be read" in autograded.feedback(student)


def test_feedback_says_what_passed_and_why_not_and_escapes_it(autograded: Round) -> None:
    ben, dan, cleo = (autograded.feedback(student) for student in ("ben", "dan", "cleo"))
    assert "1.5 of 2 points\n✓ passed, 1.5 of 1.5: values (correctness)\n✗ failed" in ben
    assert "no ValueError is raised on bad input" in ben
    assert "Hint: Look at len(x)." in ben
    assert "○ not started" in cleo
    assert "KeyError" in dan
    outputs = "".join(re.findall(r'<div class="output_subarea.*?</div>', dan, re.DOTALL))
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in outputs
    assert "<script>" not in outputs


def test_what_is_autograded_again_comes_from_what_is_kept(autograded: Round) -> None:
    before = autograded.scores
    round = Round(autograded.folder, autograded.course, autograded.exchange)
    round.nbgrader(["autograde", "pairs", "--force"], python="/no/worker/can/start")
    assert round.codes == [0], round.said
    assert round.scores == before


def test_a_course_that_is_not_there_grades_nothing(autograded: Round) -> None:
    before = autograded.scores
    round = Round(autograded.folder, autograded.folder.parent, autograded.exchange)
    round.nbgrader(["autograde", "pairs", "--force", "--student", "ada"])
    assert round.codes == [1]
    assert "is none of the course's topics" in round.said
    assert round.scores["ben"] == before["ben"]
