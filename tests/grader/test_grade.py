"""The command from outside: exit codes, files, identical verdicts, messages for bad input."""

import json
import os
import shutil
import subprocess
import sys
import zipfile

import pytest
import torch

from grader.paths import EXERCISES, ROOT, SOLUTIONS
from grader.results import read_results

STRIDES = ["--topic", "strides", "--kind", "correctness", "--device", "sim"]


def grade(*arguments, cwd=ROOT, env=None):
    command = [sys.executable, str(ROOT / "grader" / "grade.py"), *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False)


@pytest.fixture
def folder(tmp_path):
    """A class of four with results beside it."""
    here = tmp_path / "class"
    (here / "ann").mkdir(parents=True)
    (here / "大海").mkdir()
    shutil.copy(SOLUTIONS / "strides.py", here / "ann")
    shutil.copy(EXERCISES / "strides.py", here / "大海")
    with zipfile.ZipFile(here / "zoe.zip", "w") as archive:
        archive.write(SOLUTIONS / "strides.py", "wrapped/strides.py")
    (here / "broken").mkdir()
    (here / "broken" / "strides.py").write_text("def row_major_strides(:\n", encoding="utf-8")
    return here


def statuses(results):
    return {(s.id, c.topic, c.task, c.name): (c.status, c.points) for s in results.submissions for c in s.checks}


def test_a_class_is_graded(folder, tmp_path):
    done = grade(folder, "--out", tmp_path / "out", *STRIDES)
    assert done.returncode == 0, done.stderr
    results = read_results(tmp_path / "out" / "results.json")
    points = {submission.id: submission.points for submission in results.submissions}
    full = results.submissions[0].max_points
    assert points == {"ann": full, "broken": 0, "zoe": full, "大海": 0}
    assert {check.status for check in results.submissions[3].checks} == {"not_started"}
    assert "SyntaxError in line 1" in results.submissions[1].checks[0].message
    assert (tmp_path / "out" / "feedback" / "大海.md").is_file()
    assert "大海" in (tmp_path / "out" / "scores.csv").read_text(encoding="utf-8")
    assert "landlock" in (tmp_path / "out" / "feedback" / "ann.md").read_text(encoding="utf-8")
    raw = json.loads((tmp_path / "out" / "results.json").read_text(encoding="utf-8"))
    assert raw["schema"] == 1
    assert set(raw["run"]) == {"started", "seconds", "confinement", "device", "versions", "seed"}


def test_the_same_twice_and_whatever_the_number_of_workers(folder, tmp_path):
    for out, jobs in (("one", 1), ("two", 3)):
        assert grade(folder, "--out", tmp_path / out, "--jobs", jobs, *STRIDES).returncode == 0
    one, two = (statuses(read_results(tmp_path / out / "results.json")) for out in ("one", "two"))
    assert one == two


def test_one_student_of_a_class(folder, tmp_path):
    assert grade(folder, "--out", tmp_path / "out", "--student", "大海", *STRIDES).returncode == 0
    assert [s.id for s in read_results(tmp_path / "out" / "results.json").submissions] == ["大海"]


def test_one_submission(tmp_path):
    assert grade(SOLUTIONS / "strides.py", "--out", tmp_path / "out", *STRIDES).returncode == 0
    (submission,) = read_results(tmp_path / "out" / "results.json").submissions
    assert submission.points == submission.max_points > 0


def test_exit_codes(folder, tmp_path):
    out = ("--out", tmp_path / "out")
    assert grade(folder, *out, "--fail-under", "50", *STRIDES).returncode == 3
    assert grade(folder, *out, "--fail-under", "50", "--student", "ann", *STRIDES).returncode == 0
    unknown = grade(folder, *out, "--topic", "strudel")
    assert unknown.returncode == 2
    assert "strides" in unknown.stderr
    unknown = grade(folder, *out, "--student", "bob")
    assert unknown.returncode == 2
    assert "ann" in unknown.stderr
    assert grade(tmp_path / "nowhere", *out).returncode == 2
    assert grade(folder, *out, "--jobs", "0").returncode == 2
    assert grade(folder, *out, "--kind", "gpu", "--device", "cpu").returncode == 2
    assert "no CUDA device" in grade(folder, *out, "--device", "cuda").stderr or torch.cuda.is_available()


def test_bad_input_is_named_and_the_others_are_graded(folder, tmp_path):
    (folder / "empty").mkdir()
    (folder / "huge").mkdir()
    shutil.copy(SOLUTIONS / "tensor_init.py", folder / "huge")
    with (folder / "huge" / "strides.py").open("wb") as file:
        file.truncate(200 << 20)
    with zipfile.ZipFile(folder / "climber.zip", "w") as archive:
        archive.writestr("../strides.py", "x = 1")
    (folder / "missing").mkdir()
    (folder / "missing" / "strides.py").write_text("import no_such_package\n", encoding="utf-8")
    (folder / "signature").mkdir()
    source = (SOLUTIONS / "strides.py").read_text(encoding="utf-8")
    wrong = source + "\n\ndef offset_of(index):\n    return 0\n\n\nclass diagonal:\n    pass\n"
    (folder / "signature" / "strides.py").write_text(wrong, encoding="utf-8")
    done = grade(folder, "--out", tmp_path / "out", *STRIDES)
    assert done.returncode == 0, done.stderr
    found = {s.id: s for s in read_results(tmp_path / "out" / "results.json").submissions}
    assert found["empty"].status == found["climber"].status == "unreadable"
    assert "empty" in found["empty"].message
    assert ".." in found["climber"].message
    assert "200" in found["huge"].checks[0].message
    assert "no_such_package" in found["missing"].checks[0].message
    signature = {check.task: check for check in reversed(found["signature"].checks)}  # the first of each task
    assert signature["offset_of"].status == "error"
    assert "must have the parameters of offset_of(index, stride, storage_offset=0)" in signature["offset_of"].message
    assert signature["diagonal"].points == 0
    assert signature["row_major_strides"].status == "passed"
    assert found["ann"].points == found["ann"].max_points


def test_plain_lines_without_a_terminal_and_no_colour(folder, tmp_path):
    done = grade(folder, "--out", tmp_path / "out", *STRIDES)
    assert "\x1b" not in done.stdout
    assert "Protection:" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 100


def test_a_hidden_test_that_cannot_be_collected_stops_the_run(folder, tmp_path):
    course = tmp_path / "course"
    for part in ("solutions", "exercises", "tests/hidden", "tests/probes"):
        shutil.copytree(ROOT / part, course / part, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", course)
    with (course / "tests" / "hidden" / "test_strides.py").open("a", encoding="utf-8") as file:
        file.write("\nraise RuntimeError('a broken hidden test')\n")
    environment = os.environ | {"GRADKIT_COURSE": str(course)}
    done = grade(folder, "--out", tmp_path / "out", *STRIDES, env=environment)
    assert done.returncode == 1, done.stdout
    assert "a broken hidden test" in " ".join((done.stdout + done.stderr).split())
    assert not (tmp_path / "out" / "results.json").exists()
