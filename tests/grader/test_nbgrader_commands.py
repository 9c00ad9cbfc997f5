"""The commands that fill nbgrader's gradebook: what they say, what they return, and that a password stays secret."""

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import postgres
import pytest
from samples import check, run, submission

from grader import grade
from grader.nbgrading import scores
from grader.nbgrading.scores import ScoresError, told, write_scores
from grader.paths import EXERCISES, ROOT, SOLUTIONS
from grader.results import Results, read_results, write_results

ANN = submission("ann", check(points=1.5, status="passed"))
SECRET = "s3cret"


def refused(address: str) -> str:
    """What is said of an address that can't be used; it holds no part of a password."""
    with pytest.raises(ScoresError) as caught:
        write_scores(told([ANN]), address)
    said = str(caught.value)
    assert not any(part in said for part in (SECRET, postgres.PASSWORD, "pass/word", "pass%2Fword"))
    return said


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("{here}", "is a folder; name a file"),
        ("{here}/none/gradebook.db", "is in a folder that is not there"),
        ("sqlite://", "needs a file, as sqlite:///gradebook.db"),
        ("sqlite:///:memory:", "needs a file"),
        ("{here}/text", "file is not a database"),
        ("://", "the gradebook's URL is none; write it like gradebook.db, sqlite:////srv"),
        ("postgresql://ann:s3cret@host:port/db", "the gradebook's URL is none"),
        ("postgresql://ann:x@s3cret@host/db", "an @ too many"),
        ("wonderbase://ann:s3cret@host/db", "wonderbase://ann:***@host/db: no driver for it is here"),
        ("oracle+cx_oracle://ann:s3cret@host/db", "pip install"),
        ("postgres://ann:s3cret@/db?host={here}", "nothing was written: put that right"),
        ("postgresql://ann@/db?host={here}&password=s3cret", "No such file or directory"),
        ("postgresql://ann:s3cret@/db?host={here}&sslmode=s3cret", 'sslmode value: "***"'),
    ],
)
def test_an_address_that_leads_nowhere_is_explained(address: str, reason: str, tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no database " * 1000, encoding="utf-8")
    assert reason in refused(address.format(here=tmp_path))


def test_a_wrong_password_is_not_told(server: Callable[[str], str]) -> None:
    address = server("postgres").replace("pass%2Fword", SECRET)
    said = refused(address)
    assert "postgresql+psycopg2://gradkit:***@/postgres: " in said
    assert "password authentication failed" in said


def test_other_tables_and_other_versions_stay_as_they_are(address: str) -> None:
    with postgres.connected(address) as connection:
        connection.exec_driver_sql("CREATE TABLE runs (number INTEGER)")
        connection.commit()
    assert "holds other tables than nbgrader's" in refused(address)
    with postgres.connected(address) as connection:
        connection.exec_driver_sql("DROP TABLE runs")
        connection.commit()
    write_scores(told([]), address)
    for version, advice in (("282d30a0218e", "nbgrader db upgrade"), ("tomorrow", "install the nbgrader that made it")):
        with postgres.connected(address) as connection:
            connection.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{version}'")
            connection.commit()
        assert advice in refused(address)
        assert f"({version})" in refused(address)


def test_the_graders_own_gradebook_is_not_taken_for_nbgraders(tmp_path: Path) -> None:
    path = tmp_path / "gradebook.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE results (id TEXT)")
    connection.close()
    before = path.read_bytes()
    assert "other tables" in refused(str(path))
    assert path.read_bytes() == before


def test_without_nbgrader_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "grader.nbgrading.database", None)  # as if its imports had failed
    said = refused("gradebook.db")
    assert said.startswith("nbgrader can't be imported here (")
    assert said.endswith("): pip install nbgrader")


def test_nbgrader_is_imported_only_when_it_is_asked_for() -> None:
    program = "import sys, grader.grade; print({'nbgrader', 'sqlalchemy', 'alembic'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def test_the_command_writes_results_and_names_who_is_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    results, gradebook, submitted = tmp_path / "results.json", tmp_path / "gradebook.db", tmp_path / "times.csv"
    unreadable = submission("::error::x", status="unreadable", message="x", max_points=2.0)
    write_results(results, Results(run(), [ANN]))
    submitted.write_text("id,time\nann,2026-11-30T12:00:00+01:00\n", encoding="utf-8")
    assert scores.main([str(results), str(gradebook), "--submitted", str(submitted)]) == 0
    expected = f"into nbgrader's gradebook sqlite:///{gradebook}: scores of 1 submission (new there: ann)\n"
    assert capsys.readouterr().out == expected
    write_results(results, Results(run(), [ANN, unreadable]))
    assert scores.main([str(results), str(gradebook)]) == 1
    said = capsys.readouterr().out
    assert "all known there" in said
    assert ": :error: :x has no score: it could not be read" in said
    assert "\n::" not in said
    with sqlite3.connect(gradebook) as connection:
        assert connection.execute("SELECT student_id, timestamp FROM submitted_assignment").fetchall() == [
            ("ann", "2026-11-30 11:00:00.000000")
        ]
    connection.close()
    assert scores.main([str(tmp_path / "none.json"), str(gradebook)]) == 1
    assert "error: " in capsys.readouterr().err


@pytest.mark.parametrize("option", [["--kind", "correctness"], ["--device", "cpu"]])
def test_parts_of_tasks_are_no_scores(option: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        grade.main([str(SOLUTIONS), "--out", str(tmp_path), "--gradebook", "gradebook.db", *option])
    assert "a grade cell holds the points of a whole task" in capsys.readouterr().err


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The arguments to grade a class whose results are there already."""
    here = tmp_path_factory.mktemp("class")
    for id, folder in (("ann", SOLUTIONS), ("ben", EXERCISES)):
        (here / "class" / id).mkdir(parents=True)
        shutil.copy(folder / "strides.py", here / "class" / id)
    arguments = [str(here / "class"), "--out", str(here / "out"), "--topic", "strides", "--device", "sim"]
    assert grade.main(arguments) == 0
    return arguments


def test_a_class_is_graded_into_a_gradebook(graded: list[str], address: str) -> None:
    assert grade.main([*graded, "--gradebook", address]) == 0
    results = read_results(Path(graded[2]) / "results.json")
    with postgres.connected(address) as connection:
        query = """SELECT student_id, SUM(auto_score) FROM submitted_assignment AS s
            JOIN submitted_notebook AS n ON n.assignment_id = s.id JOIN grade AS g ON g.notebook_id = n.id
            GROUP BY student_id"""
        sums = dict(connection.exec_driver_sql(query).all())
        tasks = connection.exec_driver_sql("SELECT SUM(max_score), COUNT(*) FROM grade_cells").one()
    assert sums == pytest.approx({submission.id: submission.points for submission in results.submissions})
    assert sums["ann"] > 0
    checks = results.submissions[0].checks
    assert tuple(tasks) == (pytest.approx(sum(c.max_points for c in checks)), len({c.task for c in checks}))


def test_when_the_database_is_away_all_else_is_written(graded: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    out = Path(graded[2])
    for name in ("results.json", "scores.csv", "canvas.csv"):
        (out / name).unlink()
    assert grade.main([*graded, "--gradebook", f"postgresql://ann:{SECRET}@/db?host={out}"]) == 1
    captured = capsys.readouterr()
    assert "all else is written; then, without grading again: python -m grader.nbgrading.scores" in captured.err
    assert SECRET not in captured.out + captured.err
    assert all((out / name).is_file() for name in ("results.json", "scores.csv", "canvas.csv"))


def test_without_postgresql_tests_are_skipped_but_not_in_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(postgres, "FOLDERS", "nowhere/*")
    monkeypatch.delenv(postgres.REQUIRED, raising=False)
    either = (pytest.skip.Exception, pytest.fail.Exception)
    with pytest.raises(either) as outside:
        postgres.installed()
    monkeypatch.setenv(postgres.REQUIRED, "1")
    with pytest.raises(either) as in_ci:
        postgres.installed()
    assert (outside.type, in_ci.type) == either
