"""Scores in nbgrader's gradebook, on SQLite and PostgreSQL: they arrive, and what people entered stays."""

import csv
import itertools
import math
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import postgres
import pytest
from nbgrader.api import Gradebook
from samples import check, submission
from sqlalchemy import inspect, text
from sqlalchemy.exc import OperationalError

from grader.nbgrading import database, writing
from grader.nbgrading.scores import ScoresError, told, write_scores
from grader.results import CheckResult, Submission

# nbgrader's own add_submission, which tests call to have what nbgrader makes, warns of how it does it.
pytestmark = pytest.mark.filterwarnings("ignore:Object of type <Submitted:sqlalchemy.exc.SAWarning")


def rows(address: str) -> dict[str, list[tuple[Any, ...]]]:
    """Everything that the database holds."""
    with postgres.connected(address) as connection:
        tables = inspect(connection).get_table_names()
        found = {name: connection.execute(text(f"SELECT * FROM {name}")).all() for name in tables}
    return {name: sorted((tuple(row) for row in all), key=repr) for name, all in found.items()}


@contextmanager
def opened(address: str) -> Iterator[Any]:
    """The gradebook as nbgrader opens it."""
    with Gradebook(postgres.plain(address)) as gradebook:
        yield gradebook
        gradebook.db.commit()


def task(topic: str, name: str, *points: float | None, most: float = 2.0) -> list[CheckResult]:
    """A check for each number of points; None is unproven."""
    return [
        check(topic=topic, task=name, name=f"check {k}", points=p or 0.0, max_points=most,
              status="unproven" if p is None else "passed" if p else "failed")
        for k, p in enumerate(points)
    ]  # fmt: skip


def hand_in(id: str, *tasks: list[CheckResult]) -> Submission:
    return submission(id, *itertools.chain(*tasks))


ANN = hand_in("ann", task("rnn", "unroll", 2.0, 0.5), task("rnn", "step", 0.0), task("strides", "band", 1.1, 1.1, 1.1))
MEI = hand_in("大海", task("rnn", "unroll", 0.0, 2.0), task("rnn", "step", 2.0), task("strides", "band", 0.0, 0.0, 0.0))


def totals(address: str) -> dict[tuple[str, str], float]:
    with opened(address) as gradebook:
        return {
            (student["student"], assignment.name): student["score"]
            for assignment in gradebook.assignments
            for student in gradebook.submission_dicts(assignment.name)
        }


def grade(gradebook: Any, id: str, task: str = "unroll", topic: str = "rnn") -> Any:
    return gradebook.find_grade(task, topic, topic, id)


def test_the_totals_are_those_of_the_results(address: str) -> None:
    written = write_scores(told([ANN, MEI]), address)
    assert written.lines() == [
        f"into nbgrader's gradebook {database.shown(address)}: scores of 2 submissions (new there: ann, 大海)"
    ]
    sums = {
        ("ann", "rnn"): 2.5,
        ("ann", "strides"): math.fsum([1.1] * 3),
        ("大海", "rnn"): 4.0,
        ("大海", "strides"): 0.0,
    }
    assert totals(address) == pytest.approx(sums)
    with opened(address) as gradebook:
        most = {a.name: a.max_score for a in gradebook.assignments}
        assert most == {"rnn": 6.0, "strides": 6.0}
        assert not any(gradebook.find_submission(a, s).needs_manual_grade for s, a in sums)
        assert {(c.name, c.cell_type, c.max_score) for c in gradebook.find_notebook("rnn", "rnn").grade_cells} == {
            ("unroll", "code", 4.0),
            ("step", "code", 2.0),
        }


def test_the_same_scores_again_change_nothing_and_new_ones_what_is_new(address: str) -> None:
    write_scores(told([ANN, MEI]), address)
    before = rows(address)
    assert "all known there" in write_scores(told([ANN, MEI]), address).lines()[0]
    assert rows(address) == before
    better = hand_in("ann", task("rnn", "unroll", 2.0, 2.0), task("rnn", "step", 0.0), task("strides", "band", 0.0))
    write_scores(told([better]), address)
    after = rows(address)
    assert {name for name in after if after[name] != before[name]} == {"grade", "grade_cells"}
    assert sum(a != b for a, b in zip(after["grade"], before["grade"], strict=True)) == 2
    assert totals(address)["ann", "rnn"] == 4.0
    assert totals(address)["大海", "rnn"] == 4.0


def test_what_people_entered_stays_and_a_score_given_by_hand_counts(address: str) -> None:
    write_scores(told([ANN, MEI]), address)
    with opened(address) as gradebook:
        enter_by_hand(gradebook)
    before = rows(address)
    late = {"ann": datetime(2026, 12, 1, tzinfo=UTC)}
    assert write_scores(told([ANN, MEI]), address).notes == []
    assert rows(address) == before
    other = hand_in("ann", task("rnn", "unroll", 2.0, 2.0), task("rnn", "step", 2.0), task("strides", "band", 0.0))
    notes = write_scores(told([other], late), address).notes
    after = rows(address)
    assert "ann needs a look at rnn/unroll: the grader's score is 4 now and was 2.5; 3.5, given by hand, stays" in notes
    assert {name for name in after if after[name] != before[name]} == {"grade", "grade_cells", "submitted_assignment"}
    with opened(address) as gradebook:
        assert (grade(gradebook, "ann").auto_score, grade(gradebook, "ann").manual_score) == (4.0, 3.5)
        assert grade(gradebook, "ann").needs_manual_grade
        assert grade(gradebook, "ann", "step").extra_credit == 0.25
        assert gradebook.find_submission("rnn", "ann").extension == timedelta(days=2)
        assert gradebook.find_submission("essay", "ann").score == 1.0
    assert totals(address)["ann", "rnn"] == 3.5 + 2.0 + 0.25


def enter_by_hand(gradebook: Any) -> None:
    """What a person can enter, in the gradebook itself and in formgrader."""
    gradebook.update_or_create_assignment("rnn", duedate="2026-11-30 12:00 UTC")
    gradebook.update_or_create_student("ann", first_name="Ann", email="ann@uni.edu", lms_user_id="7")
    gradebook.update_or_create_student("zoe", last_name="Z")
    gradebook.grant_extension("rnn", "ann", days=2)
    grade(gradebook, "ann").manual_score = 3.5
    grade(gradebook, "ann", "step").extra_credit = 0.25
    notebook = gradebook.find_submission_notebook("rnn", "rnn", "ann")
    notebook.late_submission_penalty, notebook.flagged = 1.0, True
    gradebook.update_or_create_solution_cell("solution", "rnn", "rnn")
    gradebook.update_or_create_submission("rnn", "zoe")
    gradebook.find_comment("solution", "rnn", "rnn", "zoe").manual_comment = "Well done"
    grade(gradebook, "zoe").auto_score = 0.75
    gradebook.update_or_create_assignment("essay")
    gradebook.update_or_create_notebook("text", "essay")
    gradebook.update_or_create_grade_cell("why", "text", "essay", max_score=1.0, cell_type="markdown")
    gradebook.update_or_create_submission("essay", "ann")
    gradebook.find_grade("why", "text", "essay", "ann").manual_score = 1.0


def test_rows_are_those_that_nbgrader_makes_for_a_submission(address: str) -> None:
    write_scores(told([]), address)
    with opened(address) as gradebook:
        gradebook.update_or_create_student("zoe")
        gradebook.update_or_create_assignment("rnn")
        for notebook in ("rnn", "more"):
            gradebook.update_or_create_notebook(notebook, "rnn")
            gradebook.update_or_create_grade_cell("unroll", notebook, "rnn", max_score=4.0, cell_type="code")
            gradebook.update_or_create_grade_cell("step", notebook, "rnn", max_score=2.0, cell_type="code")
            gradebook.update_or_create_solution_cell("solution", notebook, "rnn")
            gradebook.update_or_create_task_cell("talk", notebook, "rnn", max_score=1.0, cell_type="markdown")
        gradebook.update_or_create_submission("rnn", "zoe")
    write_scores(told([hand_in("ann", task("rnn", "unroll", 2.0, 2.0), task("rnn", "step", 2.0))]), address)
    with opened(address) as gradebook:
        shapes = {id: shape(gradebook.find_submission("rnn", id)) for id in ("ann", "zoe")}
        scored = {(g.notebook.name, g.name): g.auto_score for n in ("rnn", "more")
                  for g in gradebook.find_submission_notebook(n, "rnn", "ann").grades}  # fmt: skip
    assert shapes["ann"] == shapes["zoe"]
    assert {place: auto for place, auto in scored.items() if auto is not None} == {
        ("rnn", "unroll"): 4.0,
        ("rnn", "step"): 2.0,
    }


def test_a_submission_that_nbgrader_made_is_updated_and_not_doubled(address: str) -> None:
    write_scores(told([hand_in("zoe", task("rnn", "unroll", 0.0, 0.0), task("rnn", "step", 0.0))]), address)
    with opened(address) as gradebook:
        gradebook.update_or_create_student("ann")
        gradebook.update_or_create_submission("rnn", "ann", timestamp="2026-11-30 12:00 UTC")
        grade(gradebook, "ann").auto_score = 1.0
    write_scores(told([ANN]), address)
    with opened(address) as gradebook:
        made = gradebook.find_submission("rnn", "ann")
        assert (made.score, made.needs_manual_grade) == (2.5, False)
        assert made.timestamp == datetime(2026, 11, 30, 12, 0)
        assert len(gradebook.find_assignment("rnn").submissions) == 2


def shape(submission: Any) -> set[tuple[Any, ...]]:
    notebooks = submission.notebooks
    grades = {("grade", n.name, g.name, g.manual_score, g.extra_credit) for n in notebooks for g in n.grades}
    comments = {("comment", n.name, c.name, c.auto_comment, c.manual_comment) for n in notebooks for c in n.comments}
    return grades | comments | {("notebook", n.name, n.flagged, n.late_submission_penalty) for n in notebooks}


def test_a_new_gradebook_is_what_nbgrader_makes(address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}:{os.environ['PATH']}")  # nbgrader calls alembic
    write_scores(told([]), address)
    theirs = f"sqlite:///{tmp_path}/theirs.db"
    with opened(theirs):
        assert rows(address) == rows(theirs)


def test_new_assignments_belong_to_the_course_that_is_there(address: str) -> None:
    write_scores(told([]), address)
    with postgres.connected(address) as connection:
        connection.exec_driver_sql("UPDATE course SET id = 'nlp'")
        connection.commit()
    write_scores(told([ANN]), address)
    with opened(address) as gradebook:
        assert {assignment.course_id for assignment in gradebook.assignments} == {"nlp"}


def test_cells_that_come_go_or_are_worth_something_else(address: str) -> None:
    write_scores(told([ANN, MEI]), address)
    with opened(address) as gradebook:
        grade(gradebook, "大海", "step").manual_score = 1.5
    changed = hand_in("ann", task("rnn", "unroll", 2.0, 2.0, 2.0), task("rnn", "cell", 1.0))
    notes = write_scores(told([changed]), address).notes
    assert notes == [
        "rnn/unroll is worth 6 points now, not 4",
        "rnn/step is a grade cell of 2 points but no task here; it stays as it is",
    ]
    assert totals(address)["ann", "rnn"] == 7.0
    assert totals(address)["大海", "rnn"] == 2.0 + 1.5
    with opened(address) as gradebook:
        assert {c.name: c.max_score for c in gradebook.find_notebook("rnn", "rnn").grade_cells} == {
            "unroll": 6.0,
            "step": 2.0,
            "cell": 2.0,
        }


def test_a_submission_from_before_the_notebook_is_completed(address: str) -> None:
    write_scores(told([]), address)
    with opened(address) as gradebook:
        gradebook.update_or_create_assignment("rnn")
        gradebook.update_or_create_student("ann")
        gradebook.update_or_create_submission("rnn", "ann")
    write_scores(told([ANN]), address)
    assert totals(address)["ann", "rnn"] == 2.5
    with opened(address) as gradebook:
        assert len(gradebook.find_assignment("rnn").submissions) == 1


def test_what_is_unproven_waits_for_somebody_until_it_is_proven(address: str) -> None:
    doubtful = hand_in("ann", task("rnn", "unroll", 2.0, None), task("rnn", "step", 2.0))
    notes = write_scores(told([doubtful]), address).notes
    assert len(notes) == 1
    assert notes[0].startswith("ann needs a look at rnn/unroll: a check is unproven")
    with opened(address) as gradebook:
        assert (grade(gradebook, "ann").auto_score, grade(gradebook, "ann").needs_manual_grade) == (2.0, True)
        assert not grade(gradebook, "ann", "step").needs_manual_grade
    proven = hand_in("ann", task("rnn", "unroll", 2.0, 0.0), task("rnn", "step", 2.0))
    assert write_scores(told([proven]), address).notes == []
    with opened(address) as gradebook:
        assert not grade(gradebook, "ann").needs_manual_grade


def test_who_has_no_score_is_named_and_keeps_what_is_there(address: str) -> None:
    write_scores(told([ANN]), address)
    before = rows(address)
    unreadable = submission("ann", status="unreadable", message="x", max_points=10.0)
    strange = [hand_in(id, task("rnn", "unroll", 2.0, 2.0)) for id in ("x" * 129, "nul\0", "zoe", "zoe")]
    notes = write_scores(told([unreadable, *strange]), address).notes
    assert [note for note in notes if note.startswith("ann")] == ["ann has no score: it could not be read"]
    assert {note.split(" ")[0] for note in notes if "no score" in note} == {"ann", "x" * 129, "nul\0", "zoe"}
    assert rows(address) == before


def test_the_time_of_a_hand_in_is_written_in_utc(address: str) -> None:
    noon = datetime(2026, 11, 30, 12, 0, tzinfo=timezone(timedelta(hours=1)))
    write_scores(told([ANN, MEI], {"ann": noon}), address)
    write_scores(told([ANN, MEI]), address)
    with opened(address) as gradebook:
        assert gradebook.find_submission("rnn", "ann").timestamp == datetime(2026, 11, 30, 11, 0)
        assert gradebook.find_submission("rnn", "大海").timestamp is None
    write_scores(told([ANN], {"ann": noon + timedelta(hours=2)}), address)
    with opened(address) as gradebook:
        assert gradebook.find_submission("rnn", "ann").timestamp == datetime(2026, 11, 30, 13, 0)


@pytest.mark.parametrize("there", [True, False])
def test_what_fails_half_way_leaves_the_gradebook_as_it_was(
    address: str, there: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if there:
        write_scores(told([ANN]), address)
    before = rows(address)
    act = writing._Topic.write

    def write(self: Any, scores: Any) -> list[str]:
        if self.name == "strides":
            raise KeyboardInterrupt
        return act(self, scores)

    monkeypatch.setattr(writing._Topic, "write", write)
    with pytest.raises(KeyboardInterrupt):
        write_scores(told([MEI]), address)
    assert rows(address) == before
    assert bool(before) == there


def test_what_is_killed_before_the_end_leaves_the_gradebook_as_it_was(address: str) -> None:
    write_scores(told([ANN]), address)
    before = rows(address)
    written, done = os.pipe()
    child = os.fork()
    if child == 0:
        with database.transaction(address) as gradebook:
            writing.write(gradebook, told([MEI]))
            gradebook.db.flush()
            os.write(done, b"x")
            signal.pause()
    assert os.read(written, 1) == b"x"
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    assert rows(address) == before
    write_scores(told([MEI]), address)
    assert totals(address)["大海", "rnn"] == 4.0


def test_who_writes_at_the_same_time_is_waited_for_and_then_named(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_scores(told([ANN]), address)
    monkeypatch.setattr(database, "PATIENCE", 1)
    begin = "LOCK TABLE grade IN ROW EXCLUSIVE MODE" if "postgres" in address else "BEGIN IMMEDIATE"
    with postgres.connected(address) as other:
        other.exec_driver_sql(begin)
        with pytest.raises(ScoresError, match=r"nothing was written: somebody else is writing to it: try again"):
            write_scores(told([MEI]), address)
    write_scores(told([MEI]), address)


def test_others_read_meanwhile_and_do_not_write(address: str) -> None:
    write_scores(told([ANN]), address)
    lock = "LOCK TABLE grade IN ROW EXCLUSIVE MODE NOWAIT" if "postgres" in address else "BEGIN IMMEDIATE"
    options = {} if "postgres" in address else {"connect_args": {"timeout": 0}}
    with database.transaction(address), postgres.connected(address, **options) as other:
        assert other.exec_driver_sql("SELECT COUNT(*) FROM grade").scalar() == 3
        with pytest.raises(OperationalError, match="lock"):
            other.exec_driver_sql(lock)


def test_nbgraders_export_gives_the_totals_from_the_database_alone(address: str, tmp_path: Path) -> None:
    write_scores(told([ANN, MEI]), address)
    environment = {**os.environ, "HOME": str(tmp_path), "JUPYTER_NO_CONFIG": "1"}
    command = [
        sys.executable,
        "-m",
        "nbgrader",
        "export",
        f"--CourseDirectory.db_url={postgres.plain(address)}",
        "--to=out.csv",
    ]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    exported = {
        id: math.fsum(float(line["score"]) for line in lines if line["student_id"] == id) for id in ("ann", "大海")
    }
    assert exported == pytest.approx({"ann": ANN.points, "大海": MEI.points})
    assert {line["max_score"] for line in lines} == {"6.0"}
