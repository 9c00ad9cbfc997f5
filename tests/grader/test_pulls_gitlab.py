"""A merge request, from a webhook's payload to its note: the scripts of .gitlab/grade.yml as they are written."""

import json
import subprocess
from pathlib import Path

import pytest
from fake_hosts import FakeHost, serving
from samples import check, run, submission
from workflows import base, course, loaded, programs

from grader.collect import collect
from grader.paths import ROOT
from grader.pulls.hosts import MARK
from grader.results import Results, write_results

PIPELINE = loaded(ROOT / ".gitlab" / "grade.yml")
TOKEN = "secret-gitlab"


def git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=ann", "-c", "user.email=ann@a.example"]
    command = ["git", "-C", str(folder), *identity, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def committed(folder: Path) -> str:
    git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "all")
    return git(folder, "rev-parse", "HEAD")


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """The grader's repository, a student's, and a payload that names the student's merge request."""
    folder = tmp_path_factory.mktemp("gitlab")
    student = folder / "student" / "exercises"
    student.mkdir(parents=True)
    (student / "strides.py").write_text("print('::error::forged')\n", encoding="utf-8")
    (student / "tensor_init.py").symlink_to("/etc/passwd")
    (student / "conftest.py").write_text("raise SystemExit\n", encoding="utf-8")
    commit = committed(folder / "student")
    grader = committed(course(folder / "grader", ROOT))
    merge = {"iid": 7, "title": "$(touch ran)", "last_commit": {"id": commit}}
    payload = {"project": {"path_with_namespace": "course/exercises"}, "object_attributes": merge}
    (folder / "payload").write_text(json.dumps(payload), encoding="utf-8")
    (folder / "home").mkdir()
    with serving(FakeHost(folder / "student")) as host:
        host.head = commit
        variables = base(
            programs(folder / "programs"),
            HOME=str(folder / "home"), TRIGGER_PAYLOAD=str(folder / "payload"), STUDENT_REPOSITORIES="course/exercises",
            CI_API_V4_URL=host.url, CI_REPOSITORY_URL=f"file://{folder / 'grader'}", CI_COMMIT_SHA=grader,
        )  # fmt: skip
        yield folder, host, variables


def script(name, folder, variables):
    """A job's script in a folder; only a job with an environment has the token."""
    job = PIPELINE[name]
    given = {**PIPELINE["variables"], **job.get("variables", {})}
    values = {key: variables[value[1:]] if value.startswith("$") else value for key, value in given.items()}
    token = {"STUDENT_TOKEN": TOKEN} if "environment" in job else {}
    return subprocess.run(
        ["bash", "-eo", "pipefail", "-c", "\n".join(job["script"])],
        cwd=folder, env={**variables, **values, **token, "CI_PROJECT_DIR": str(folder)}, capture_output=True, text=True,
    )  # fmt: skip


def test_a_merge_request_is_fetched_as_data_and_its_one_note_updated(place, tmp_path):
    folder, host, variables = place
    done = script("fetch", folder / "grader", variables)
    assert done.returncode == 0, done.stderr
    [got] = collect(folder / "grader" / "submissions" / "pull-7.zip", ["strides", "tensor_init"])
    assert set(got.sources) == {"strides"}
    pairs = (line.partition("=") for line in (folder / "grader" / "fetched.env").read_text().splitlines())
    outputs = {key: value for key, _, value in pairs}
    assert (outputs["GRADE"], outputs["GRADED_COMMIT"]) == ("true", host.head)
    assert not any(character in outputs["LEFT_OUT"] for character in " \"'"), "GitLab takes no such value from a file"
    for status in ("failed", "passed"):
        points = 2.0 * (status == "passed")
        one = submission("pull-7", check(status=status, points=points, message="/close @eve ~bug !1"))
        write_results(tmp_path / "results" / "results.json", Results(run(), [one]))
        hostile = tmp_path / "grader" / "pulls" / "report.py"  # what a machine that was taken over might leave
        hostile.parent.mkdir(parents=True, exist_ok=True)
        hostile.write_text("print('taken over')\n", encoding="utf-8")
        reported = script("report", tmp_path, {**variables, **outputs})
        assert reported.returncode == 0, reported.stderr
        assert "taken over" not in reported.stdout
        assert TOKEN not in reported.stdout + reported.stderr
        [note] = host.comments
        assert note["body"].startswith(f"{MARK}\n**{points:g} of 2 points**")
        assert "symbolic link" in note["body"]
        assert not [line for line in note["body"].splitlines() if line.startswith("/")]
        assert "~bug" not in note["body"]
    assert [request.method for request in host.written()] == ["POST", "PUT"]
    assert {request.token for request in host.requests} == {TOKEN}


def test_the_job_that_grades_has_no_environment_and_grades_with_three_variables(place):
    folder, _, variables = place
    job = PIPELINE["grade"]
    assert "environment" not in job
    assert {PIPELINE[name]["environment"]["name"] for name in ("fetch", "report")} == {"student-files", "student-notes"}
    before = {*(folder / "programs").iterdir()}
    done = script("grade", folder / "grader", {**variables, "GRADE": "true", "CI_JOB_TOKEN": "secret-job"})
    assert "forged" not in done.stdout
    [found] = {*(folder / "programs").glob("python.environment.*")} - before
    names = {line.partition("=")[0] for line in found.read_text(encoding="utf-8").splitlines()}
    assert names - {"PWD", "SHLVL", "_"} == {"PATH", "HOME", "LANG"}
    assert (folder / "grader" / "results" / "junit.xml").is_file()


@pytest.mark.parametrize("name", ["grade", "report"])
def test_where_there_is_nothing_to_grade_the_later_jobs_do_nothing(place, name, tmp_path):
    _, host, variables = place
    asked = len(host.requests)
    done = script(name, tmp_path, {**variables, "GRADE": "false"})
    assert (done.returncode, done.stdout, len(host.requests)) == (0, "", asked)
    assert list(tmp_path.iterdir()) == []
