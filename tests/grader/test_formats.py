"""Each format is read back by the rules of whoever receives it; totals are those of results.json."""

import json
import math
import re
import resource
import signal
import tempfile
import time
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import receivers
from hypothesis import given, settings
from samples import ANY, check, run, submission, submissions

from grader.collect import feedback_names
from grader.files import write_atomically
from grader.reports import canvas_csv, classroom50, ctrf, gradescope, junit, write_all
from grader.reports.escape import xml
from grader.results import Results, Submission

few = settings(max_examples=40, deadline=None)
FORMATS = {"gradescope": gradescope, "classroom50": classroom50, "canvas": canvas_csv, "ctrf": ctrf, "junit": junit}
TWICE = [
    submission("ann", check(points=2.0), check(name="b", status="failed", message="no", hint="h", diagnosis="d")),
    submission("bob", check(status="unproven"), check(name="b", status="not_started"), check(name="c", status="error")),
    submission("eve", status="unreadable", message="the archive is encrypted", max_points=4.0),
]


def written(name: str, submitted: list[Submission], out: Path, **changes: Any) -> list[Path]:
    report = FORMATS[name].begin(Results(run(**changes), submitted), out)
    for one in submitted:
        report.add(one)
    return report.finish()


def contents(name: str, submitted: list[Submission]) -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        return [path.read_bytes().decode() for path in written(name, submitted, Path(folder))]


def one_each(name: str, submitted: list[Submission]) -> Iterator[tuple[Submission, Any]]:
    """Submissions and what their own file holds."""
    with tempfile.TemporaryDirectory() as folder:
        written(name, submitted, Path(folder))
        names = feedback_names(one.id for one in submitted)
        for one in submitted:
            yield one, json.loads((Path(folder) / name / f"{names[one.id]}.json").read_bytes())


# Gradescope


@few
@given(submissions())
def test_gradescope_takes_every_class(submitted: list[Submission]) -> None:
    for one, content in one_each("gradescope", submitted):
        taken = receivers.gradescope(json.dumps(content))
        assert taken.score == one.points
        assert all(test.score <= test.max_score for test in taken.tests)
        assert math.isclose(math.fsum(test["score"] for test in content["tests"]), one.points, abs_tol=1e-9)
        assert len(content["tests"]) == len(one.checks)
        assert sum(t["status"] == "passed" for t in content["tests"]) == sum(c.status == "passed" for c in one.checks)


def test_gradescope_shows_a_student_everything() -> None:
    [(_, ann), _, (_, eve)] = one_each("gradescope", TWICE)
    assert "hidden" not in json.dumps([ann, eve])
    assert [test["number"] for test in ann["tests"]] == ["1.1", "1.2"]
    assert ann["tests"][1]["name"] == "rnn: unroll: b"
    assert ann["tests"][1]["output"] == "failed\nno\nDiagnosis: d\nHint: h"
    assert ann["tests"][1]["output_format"] == "text"
    assert ann["tests"][1]["tags"] == ["correctness", "rnn"]
    assert eve["output"].startswith("the archive is encrypted\nThe submission could not be read")


# Classroom 50


@few
@given(submissions())
def test_classroom50_takes_every_class(submitted: list[Submission]) -> None:
    for one, content in one_each("classroom50", submitted):
        receivers.classroom50(content)
        assert content["score"] == round(100 * one.points)
        assert content["max-score"] == round(100 * one.max_points)
        assert sum(test["score"] for test in content["tests"]) == content["score"]


def test_classroom50_is_told_what_its_runner_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLASSROOM", "nlp")
    monkeypatch.setenv("SUBMISSION_TAG", "submit/1")
    monkeypatch.setenv("COMMIT_URL", "https://github.com/a/b/commit/1")
    monkeypatch.delenv("REVIEW_URL", raising=False)
    [(_, content)] = one_each("classroom50", TWICE[:1])
    assert (content["classroom"], content["submission"]) == ("nlp", "submit/1")
    assert content["review"] == content["commit"] == "https://github.com/a/b/commit/1"
    assert content["assignment"] == "unknown"


def test_classroom50_has_a_tag_of_its_kind_outside_its_runner(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SUBMISSION_TAG", raising=False)
    [(_, content)] = one_each("classroom50", TWICE[:1])
    assert receivers.classroom50(content).submission == "submit/unknown"


def test_another_commit_is_another_result_of_classroom50(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for commit in ("one", "two"):
        monkeypatch.setenv("COMMIT_URL", commit)
        [path] = written("classroom50", TWICE[:1], tmp_path)
        assert json.loads(path.read_text())["commit"] == commit


# Canvas


@few
@given(submissions())
def test_canvas_takes_every_class(submitted: list[Submission]) -> None:
    [text] = contents("canvas", submitted)
    _, most, grades = receivers.canvas(text)
    assert most == round(max((one.max_points for one in submitted), default=0), 2)
    total = math.fsum(float(grade or 0) for grade in grades.values())
    if len(grades) == len(submitted):  # different ids may look alike as cells
        assert math.isclose(total, math.fsum(one.points for one in submitted), abs_tol=1e-6)


@pytest.mark.parametrize("folder", ["Final Grades", "2026 Current Score", "Override Status (fall)", "a;b;c;d;e;f;g"])
def test_canvas_passes_over_no_assignment_that_is_called_like_a_column_of_its_own(folder: str, tmp_path: Path) -> None:
    [path] = written("canvas", TWICE, tmp_path / folder)
    title, most, grades = receivers.canvas(path.read_bytes().decode())
    assert title.casefold() == folder.casefold()
    assert (most, grades["ann"]) == (6.0, "2.00")


def test_canvas_has_a_row_a_student(tmp_path: Path) -> None:
    [path] = written("canvas", [*TWICE, submission("Points Possible", check(points=2.0))], tmp_path / "homework3")
    title, most, grades = receivers.canvas(path.read_bytes().decode())
    assert (title, most) == ("homework3", 6.0)
    assert grades == {"ann": "2.00", "bob": "0.00", "eve": "", "Points Possible": "2.00"}


# JUnit


def suites(text: str) -> Iterator[tuple[ET.Element, Counter[str], float]]:
    """Suites with the verdicts of their cases and the sum of their points."""
    receivers.junit(text)
    root = ET.fromstring(text.encode())
    for suite in root:
        verdicts = Counter(element.tag for element in suite.iter())
        texts = [out.text or "" for out in suite.iter("system-out")]
        yield suite, verdicts, math.fsum(float(re.findall(r"\[\[PROPERTY\|points=([^]]+)\]\]", t)[0]) for t in texts)


@few
@given(submissions())
def test_junit_takes_every_class(submitted: list[Submission]) -> None:
    [text] = contents("junit", submitted)
    for one, (suite, verdicts, points) in zip(submitted, suites(text), strict=True):
        assert math.isclose(points, one.points, abs_tol=1e-9)
        properties = {p.get("name"): float(p.get("value", "")) for p in suite.iter("property")}
        assert properties == {"points": one.points, "max_points": one.max_points}
        counted = {"tests": "testcase", "failures": "failure", "errors": "error", "skipped": "skipped"}
        assert {key: int(suite.get(key, "")) for key in counted} == {k: verdicts[tag] for k, tag in counted.items()}
        assert verdicts["testcase"] == len(one.checks) + (one.status == "unreadable")


def test_junit_names_what_went_wrong() -> None:
    [text] = contents("junit", TWICE)
    (ann, _, _), (_, bob, _), (eve, _, _) = suites(text)
    failure = ann.find("testcase/failure")
    assert failure is not None
    assert (failure.get("message"), failure.text) == ("no", "no\nDiagnosis: d\nHint: h")
    assert (bob["skipped"], bob["error"]) == (2, 1)
    assert eve.find("testcase/error").attrib == {"type": "unreadable", "message": "the archive is encrypted"}


@given(ANY)
def test_xml_reads_back_as_the_text(text: str) -> None:
    element = ET.fromstring(f'<a b="{xml(text)}">{xml(text)}</a>'.encode())
    assert (element.get("b") or "") == (element.text or "")
    assert xml("\ufffe\uffff") == "\ufffd\ufffd"


# CTRF


@few
@given(submissions())
def test_ctrf_takes_every_class(submitted: list[Submission]) -> None:
    [text] = contents("ctrf", submitted)
    content = receivers.ctrf(text)
    total = math.fsum(one.points for one in submitted)
    summary, tests = content["results"]["summary"], content["results"]["tests"]
    statuses = {"passed", "failed", "skipped", "pending", "other"}
    assert summary["tests"] == len(tests) == sum(summary[status] for status in statuses)
    assert {s: summary[s] for s in statuses} == {s: sum(test["status"] == s for test in tests) for s in statuses}
    assert math.isclose(content["results"]["summary"]["extra"]["points"], total, abs_tol=1e-9)
    assert math.isclose(math.fsum(t["extra"]["points"] for t in tests if "extra" in t), total, abs_tol=1e-9)


def test_ctrf_says_when_and_what() -> None:
    [text] = contents("ctrf", TWICE)
    summary = json.loads(text)["results"]["summary"]
    assert summary["stop"] - summary["start"] == 1500
    assert summary["start"] == 1769860800000
    assert {k: summary[k] for k in ("passed", "failed", "pending", "other")} == {
        "passed": 1,
        "failed": 3,
        "pending": 1,
        "other": 1,
    }


# One file of all


@pytest.mark.parametrize("name", ["ctrf", "junit"])
def test_a_part_that_has_not_changed_is_copied(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    kind = {"ctrf": ctrf.Ctrf, "junit": junit.Junit}[name]
    part = kind.part
    monkeypatch.setattr(kind, "part", lambda self, one: made.append(one.id) or part(self, one))

    def again(submitted: list[Submission]) -> tuple[list[str], bool]:
        before = [path.stat().st_ino for path in tmp_path.glob(f"{name}.*")]
        made.clear()
        [path] = written(name, submitted, tmp_path)
        assert path.read_bytes().decode() == contents(name, submitted)[0]
        return [*made][: len(made) - len(submitted)], before == [path.stat().st_ino]

    ann, _, eve = TWICE
    better = submission("bob", check(points=2.0, message="大海"))
    assert again(TWICE) == (["ann", "bob", "eve"], False)
    assert again(TWICE) == ([], True)
    assert again([ann, better, eve]) == (["bob"], False)
    assert again([better, ann, eve]) == ([], False)
    assert again([better, submission("none"), ann]) == (["none"], False)
    assert again([]) == ([], False)


@pytest.mark.parametrize("name", ["ctrf", "junit"])
def test_a_file_that_was_scribbled_on_is_written_anew(name: str, tmp_path: Path) -> None:
    [path] = written(name, TWICE, tmp_path)
    good = path.read_bytes()
    for harm in (lambda: path.write_bytes(b"x" * len(good)), lambda: path.unlink(), lambda: path.write_bytes(b"")):
        harm()
        written(name, TWICE, tmp_path)
        assert path.read_bytes() == good


@pytest.mark.parametrize("name", ["ctrf", "junit"])
def test_a_run_that_is_stopped_leaves_the_file_as_it_was(name: str, tmp_path: Path) -> None:
    [path] = written(name, TWICE, tmp_path)
    good, files = path.read_bytes(), set(tmp_path.iterdir())
    report = FORMATS[name].begin(Results(run(), TWICE), tmp_path)
    report.add(TWICE[1])
    del report
    assert path.read_bytes() == good
    assert set(tmp_path.iterdir()) == files


def test_a_file_that_finds_no_room_is_an_error_and_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "full.txt"
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
        with pytest.raises(OSError, match="too large"):
            write_atomically(path, ["x" * 5000] * 9)
        assert list(tmp_path.iterdir()) == []
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


@pytest.mark.slow
def test_formats_of_an_unchanged_class_take_little_more_than_looking_at_it(tmp_path: Path) -> None:
    def seconds(results: Results) -> float:
        begun = time.process_time()
        assert not write_all(results, tmp_path).errors
        return time.process_time() - begun

    checks = [check(name=str(k), status="failed", message="wrong " * 20, hint="look " * 20) for k in range(161)]
    results = Results(run(), [submission(f"s{k}", *checks) for k in range(60)])
    first = seconds(results)
    assert min(seconds(results) for _ in range(3)) < first / 4
