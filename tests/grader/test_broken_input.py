"""Submissions that are broken rather than hostile, in one class: each is told what to do, and nobody else notices."""

import csv
import subprocess
import sys
from pathlib import Path

import pytest
from broken_class import HONEST, IDS, ROWS, Row, module, write_row

from grader.collect import feedback_names
from grader.paths import ROOT
from grader.results import Results, Submission, read_results

pytestmark = pytest.mark.slow
ALL_IDS = [module(name, "def f(:\n", "error") for name in IDS]


def grade(root: Path, rows: list[Row]) -> Path:
    """Grade these rows as a class; the folder of results."""
    students = root / "class"
    students.mkdir()
    for row in rows:
        write_row(students, row)
    command = [sys.executable, str(ROOT / "grader" / "grade.py"), str(students), "--out", str(root / "out")]
    topics = ["--topic", "strides", "--topic", "modules", "--kind", "correctness", "--device", "sim"]
    options = [*topics, "--seed", "same", "--jobs", "2"]
    done = subprocess.run([*command, *options], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return root / "out"


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The results of the class with everything in it."""
    return grade(tmp_path_factory.mktemp("broken"), [*ROWS, *ALL_IDS, *HONEST])


@pytest.fixture(scope="module")
def results(out: Path) -> Results:
    return read_results(out / "results.json")


def named(results: Results, id: str) -> Submission:
    [found] = [submission for submission in results.submissions if submission.id == id]
    return found


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_a_broken_submission_is_told_what_to_do(results: Results, row: Row) -> None:
    found = named(results, row.id)
    status, message = found.status, found.message
    if status == "graded":
        check = next(check for check in found.checks if check.task == row.task)
        status, message = check.status, check.message
    assert status == row.status, message
    assert [word for word in row.words if word not in message] == [], message


def test_no_message_is_a_traceback(results: Results) -> None:
    texts = [check.message for submission in results.submissions for check in submission.checks]
    texts += [submission.message for submission in results.submissions]
    for text in texts:
        assert not any(part in text for part in ("Traceback", "<submission>", "\n", "grader/", "site-packages")), text


def test_the_neighbours_are_graded_as_without_them(results: Results, tmp_path: Path) -> None:
    alone = read_results(grade(tmp_path, HONEST) / "results.json")
    for row in HONEST:
        there, here = (
            [
                (check.task, check.name, check.status, check.points, check.message)
                for check in named(found, row.id).checks
            ]
            for found in (results, alone)
        )
        assert there == here
    honest, half, packed = (named(results, row.id).points for row in HONEST)
    assert 0 < half < packed < honest == named(results, "honest").max_points


def test_strange_names_are_kept_apart(results: Results) -> None:
    ids = {submission.id for submission in results.submissions}
    assert len(ids) == len(results.submissions) == len(ROWS) + len(IDS) + len(HONEST)
    kept = {"ann lee", "a\\b", "大海", "🐍🔥", "-rf", "ann..lee", "Case", "case", "\u00e9va", "=cmd()", "%s{0}"}
    assert kept <= ids
    assert {"two\ufffdlines", "\u00e9va (2)"} <= ids


def test_every_student_has_a_report(results: Results, out: Path) -> None:
    ids = [submission.id for submission in results.submissions]
    names = feedback_names(ids)
    assert {path.stem for path in (out / "feedback").iterdir()} == set(names.values())
    assert len(set(names.values())) == len(ids)
    with (out / "scores.csv").open(encoding="utf-8-sig", newline="") as file:
        assert len(list(csv.reader(file))) == len(ids) + 1
