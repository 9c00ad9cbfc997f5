import json
import os
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from grader.files import write_atomically
from grader.results import (
    CheckResult,
    Results,
    ResultsError,
    Run,
    Submission,
    read_results,
    write_results,
)


def check(**changes: Any) -> CheckResult:
    values = {"topic": "t", "task": "f", "kind": "correctness", "name": "shape", "status": "passed"}
    return CheckResult.model_validate({**values, "points": 1.0, "max_points": 2.0, **changes})


def submission(*checks: CheckResult, **changes: Any) -> Submission:
    sums = {"points": sum(c.points for c in checks), "max_points": sum(c.max_points for c in checks)}
    return Submission.model_validate({"id": "ann", "status": "graded", **sums, "checks": list(checks), **changes})


def run(**changes: Any) -> Run:
    walls = {"layers": ["landlock"], "missing": ["network namespace"]}
    values = {"started": "2026-01-31T12:00:00Z", "seconds": 1.5, "confinement": walls, "device": "cpu"}
    return Run.model_validate({**values, "versions": {"torch": "2.13"}, "seed": "7", **changes})


def test_round_trip_is_exact(tmp_path: Path) -> None:
    full = check(measured={"ratio": 1.5, "trace": {"launches": 3, "cpu_ops": ["add"]}}, diagnosis="大海")
    results = Results(run=run(), submissions=[submission(full), submission(id="bob", status="unreadable", message="m")])
    write_results(tmp_path / "deep" / "results.json", results)
    assert read_results(tmp_path / "deep" / "results.json") == results


def test_the_file_holds_the_keys_of_schema_1_in_their_order(tmp_path: Path) -> None:
    write_results(tmp_path / "r.json", Results(run=run(), submissions=[submission(check())]))
    text = (tmp_path / "r.json").read_text("utf-8")
    raw = json.loads(text)
    assert list(raw) == ["schema", "run", "submissions"]
    assert list(raw["run"]) == ["started", "seconds", "confinement", "device", "versions", "seed"]
    student = ["id", "status", "message", "points", "max_points", "seconds", "checks"]
    item = ["topic", "task", "kind", "name", "status", "points", "max_points"]
    item += ["message", "hint", "diagnosis", "seconds", "measured"]
    assert list(raw["submissions"][0]) == student
    assert list(raw["submissions"][0]["checks"][0]) == item
    assert text.count("\n   {") == 1, "a line a check"
    assert text.endswith("\n}\n")


@pytest.mark.parametrize("count", [0, 1, 3])
def test_any_number_of_submissions_and_checks(tmp_path: Path, count: int) -> None:
    students = [submission(*[check()] * number, id=str(number)) for number in range(count)]
    write_results(tmp_path / "r", Results(run=run(), submissions=students))
    assert read_results(tmp_path / "r").submissions == students


@pytest.mark.parametrize(
    "changes",
    [
        {"points": 3.0},
        {"points": -1.0},
        {"points": float("nan")},
        {"status": "failed"},
        {"status": "unproven"},
        {"status": "skipped"},
        {"kind": "style"},
        {"score": 1},
        {"measured": None},
    ],
)
def test_a_check_that_breaks_the_rules_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        check(**changes)


def test_points_are_the_sum_of_the_checks() -> None:
    tenths = [check(points=0.1, max_points=0.1, name=str(i)) for i in range(10)]
    assert submission(*tenths, points=1.0, max_points=1.0).points == 1.0
    with pytest.raises(ValidationError, match="sum to"):
        submission(check(), points=1.5)
    with pytest.raises(ValidationError, match="sum to"):
        submission(points=1.0, max_points=1.0, status="unreadable")
    with pytest.raises(ValidationError, match=r"1\.0 points of 0\.5"):
        submission(check(), max_points=0.5)


@pytest.mark.parametrize("started", ["2026-01-31T12:00:00", "2026-01-31T12:00:00+02:00", "yesterday"])
def test_started_is_utc(started: str) -> None:
    with pytest.raises(ValidationError):
        run(started=started)
    assert run(started="2026-01-31T12:00:00+00:00")


def test_what_a_student_sends_can_always_be_written(tmp_path: Path) -> None:
    deep: list[Any] = []
    for _ in range(50):
        deep = [deep]
    measured = {"a": float("inf"), "b": b"x", "c": "\udce4", 1: 10**5000, "deep": deep, "d": (1, {"\ud800": object()})}
    odd = check(message="\udcff\x00\x1b[2J", measured=measured)
    write_results(tmp_path / "r", Results(run=run(), submissions=[submission(odd, id="\udc80")]))
    [read] = read_results(tmp_path / "r").submissions
    assert read.id == "\ufffd"
    assert read.checks[0].message == "\ufffd\x00\x1b[2J"
    assert read.checks[0].measured["a"] is None
    assert read.checks[0].measured["b"] == "<bytes>"
    assert read.checks[0].measured["1"] is None


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"schema": 2}', '{"schema": 1, "run": {}}', "\udc80"])
def test_another_file_is_named_in_the_error(tmp_path: Path, text: str) -> None:
    path = tmp_path / "other.json"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(ResultsError, match=r"other\.json"):
        read_results(path)


def test_a_failed_write_leaves_the_old_file_and_no_other(tmp_path: Path) -> None:
    path = tmp_path / "r"
    path.write_text("old")

    def chunks() -> Any:
        yield "new"
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_atomically(path, chunks())
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["r"]


def test_a_link_is_replaced_and_not_written_through(tmp_path: Path) -> None:
    (tmp_path / "target").write_text("kept")
    (tmp_path / "r").symlink_to("target")
    write_atomically(tmp_path / "r", ["new"])
    assert (tmp_path / "target").read_text() == "kept"
    assert (tmp_path / "r").read_text() == "new"
