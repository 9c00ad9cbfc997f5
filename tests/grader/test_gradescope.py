"""autograder.zip, laid out as on Gradescope: what it grades, and what it leaves when it can't."""

import json
import os
import re
import shutil
import stat
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
import receivers

from grader import gradescope
from grader.kit import KitError, autograder
from grader.paths import EXERCISES, ROOT, SOLUTIONS
from grader.release import main

CHOSEN = ["--topic", "strides", "--kind", "correctness"]
HOSTILE = """
import os
told = []
for path in {reads!r}:
    try:
        told.append("READ " + open(path).read(9))
    except OSError:
        pass
for path in {writes!r}:
    try:
        told.append("WROTE " + str(open(path, "w").write("{{\\"score\\": 999}}")))
    except OSError:
        pass
def row_major_strides(*arguments):
    raise ValueError(f"told: {{told}}")
"""


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    folder = tmp_path_factory.mktemp("zip")
    assert main(["gradescope", str(folder), *CHOSEN]) == 0
    return folder / "autograder.zip"


@pytest.fixture
def laid_out(archive, tmp_path):
    """The folder that Gradescope calls /autograder, before somebody hands in."""
    root = tmp_path / "autograder"
    with zipfile.ZipFile(archive) as opened:
        for entry in opened.infolist():
            os.chmod(opened.extract(entry, root / "source"), stat.S_IMODE(entry.external_attr >> 16))
    shutil.copy(root / "source" / "run_autograder", root)
    (root / "submission").mkdir()
    (root / "submission_metadata.json").write_text('{"id": 1}', encoding="utf-8")
    return root


def hand_in(root, source):
    (root / "submission" / "strides.py").write_text(source, encoding="utf-8")


def ran(root, python=sys.executable):
    """What Gradescope reads, and what its instructors do."""
    environment = {"PATH": os.environ["PATH"], "GRADKIT_PYTHON": str(python)}
    command = [root / "run_autograder"]
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return receivers.gradescope((root / "results" / "results.json").read_bytes()), done.stdout


def assert_without_a_score(taken):
    assert taken.score is None
    assert taken.tests == []
    assert "no score" in taken.output
    assert "Traceback" not in taken.output


def test_the_zip_holds_what_grading_needs_and_no_more(archive):
    with zipfile.ZipFile(archive) as opened:
        names = opened.namelist()
        modes = {entry.filename: stat.S_IMODE(entry.external_attr >> 16) for entry in opened.infolist()}
        dates = {entry.date_time for entry in opened.infolist()}
        assert opened.read("solutions/strides.py") == (SOLUTIONS / "strides.py").read_bytes()
    rooms = {"/".join(name.split("/")[: 2 if name.startswith("tests/") else 1]) for name in names}
    assert rooms == {
        "setup.sh",
        "run_autograder",
        "pyproject.toml",
        "grader",
        "solutions",
        "tests/hidden",
        "tests/probes",
    }
    assert [name for name in names if "cache" in name or name.endswith(".pyc")] == []
    assert {name for name, mode in modes.items() if mode == 0o755} == {"setup.sh", "run_autograder"}
    assert set(modes.values()) == {0o755, 0o644}
    assert dates == {(1980, 1, 1, 0, 0, 0)}


def test_the_same_course_makes_the_same_zip(archive, tmp_path):
    again = autograder.write_autograder(tmp_path / "other.zip", ["--topic=strides", "--kind=correctness"])
    assert again == tmp_path / "other.zip"
    assert again.read_bytes() == archive.read_bytes()


def test_setup_installs_the_cpu_build_and_the_versions_that_were_tested(archive):
    with zipfile.ZipFile(archive) as opened:
        setup = opened.read("setup.sh").decode()
    assert subprocess.run(["bash", "-n"], input=setup, text=True, check=False).returncode == 0
    pins = dict(re.findall(r"^([\w-]+)==(\S+)$", setup, re.MULTILINE))
    needed = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    assert [text for text in needed if f"'{text}'" not in setup] == []
    assert [text for text in needed if re.split("[<>=]", text)[0] not in {name.lower() for name in pins}] == []
    assert "install --no-deps --index-url https://download.pytorch.org/whl/cpu torch\n" in setup


def test_a_right_submission_gets_full_points(laid_out):
    hand_in(laid_out, (SOLUTIONS / "strides.py").read_text(encoding="utf-8"))
    (laid_out / "submission" / "notes.txt").write_text("a file beside it is no second student", encoding="utf-8")
    taken, told = ran(laid_out)
    assert taken.score == pytest.approx(sum(test.max_score for test in taken.tests)), told
    assert taken.score > 0
    assert {test.status for test in taken.tests} == {"passed"}
    assert "landlock" in taken.output
    assert taken.stdout_visibility == "hidden"
    assert stat.S_IMODE((laid_out / "source").stat().st_mode) == 0o700


def test_a_hostile_submission_reads_no_test_and_writes_no_result(laid_out):
    hidden, results = laid_out / "source/tests/hidden/test_strides.py", laid_out / "results"
    reads = [str(hidden), str(laid_out / "source/solutions/strides.py"), str(laid_out / "submission_metadata.json")]
    writes = [str(results / "results.json"), str(results / "more"), str(hidden)]
    before = hidden.read_bytes()
    hand_in(laid_out, HOSTILE.format(reads=reads, writes=writes))
    taken, _ = ran(laid_out)
    assert taken.score == 0
    assert any("told: []" in test.output for test in taken.tests)
    assert [test.output for test in taken.tests if re.search("READ|WROTE", test.output)] == []
    assert hidden.read_bytes() == before
    assert os.listdir(results) == ["results.json"]


@pytest.mark.parametrize("broken", ["tests/hidden/test_strides.py", "grader/results.py"])
def test_a_grader_that_breaks_leaves_a_result_without_a_score(laid_out, broken):
    hand_in(laid_out, (EXERCISES / "strides.py").read_text(encoding="utf-8"))
    (laid_out / "source" / broken).write_text("secret = (", encoding="utf-8")
    taken, told = ran(laid_out)
    assert_without_a_score(taken)
    assert "secret" not in taken.output
    assert "SyntaxError" in told


def test_without_python_a_result_says_so(laid_out):
    taken, told = ran(laid_out, "/nowhere/python")
    assert_without_a_score(taken)
    assert "/nowhere/python" in told


def no_result(arguments):
    return 0


def refuses(arguments):
    raise SystemExit(2)


def runs_out(arguments):
    raise MemoryError("the seed is 77")


def grades(arguments, ended=0):
    out = Path(arguments[arguments.index("--out") + 1], "gradescope")
    out.mkdir()
    (out / "submission.json").write_text('{"score": 1.0, "output": "大海"}', encoding="utf-8")
    return ended


def has_trouble(arguments):
    return grades(arguments, 1)


def is_stopped(arguments):
    return grades(arguments, 143)


@pytest.mark.parametrize("grade", [has_trouble, is_stopped, no_result, refuses, runs_out])
def test_whatever_ends_the_grader_an_older_result_is_replaced(grade, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(gradescope, "grade", grade)
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "results.json").write_text('{"score": 10}', encoding="utf-8")
    assert gradescope.main([str(tmp_path)]) == 0
    text = (tmp_path / "results" / "results.json").read_text(encoding="utf-8")
    assert_without_a_score(receivers.gradescope(text))
    assert "77" not in text
    assert "Traceback" in capsys.readouterr().out


def test_the_submission_is_graded_with_what_was_chosen(tmp_path, monkeypatch):
    asked = []

    def grade(arguments):
        asked.extend(arguments)
        return grades(arguments)

    monkeypatch.setattr(gradescope, "grade", grade)
    gradescope.main([str(tmp_path), "--topic=strides", "--kind=gpu"])
    assert asked[:3] == [str(tmp_path), "--student", "submission"]
    assert asked[-2:] == ["--topic=strides", "--kind=gpu"]
    content = json.loads((tmp_path / "results" / "results.json").read_text(encoding="utf-8"))
    assert content == {"score": 1.0, "output": "大海", "stdout_visibility": "hidden"}


def test_a_course_without_constraints_is_told_to_write_them(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(autograder, "ROOT", tmp_path)
    monkeypatch.setattr(autograder, "HOUSE", tmp_path)
    with pytest.raises(KitError, match=r"has no constraints\.txt"):
        autograder.setup_script()
    with pytest.raises(SystemExit) as stopped:
        main(["gradescope", str(tmp_path)])
    assert stopped.value.code == 2
    assert "has no constraints.txt" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
