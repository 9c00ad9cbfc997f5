"""What every workflow here and in the kit keeps to, read from the files; and what linters say of them."""

import re
import shutil
import subprocess
import sysconfig
from pathlib import Path

from workflows import loaded

from grader.kit.packing import CI, contents
from grader.paths import ROOT

HERE = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
KIT = [ROOT / "grader" / "kit" / "ci" / file for name, file in CI.items() if name.startswith(".github")]
GITHUB = [*HERE, *KIT]
GITLAB = [ROOT / ".gitlab" / "grade.yml", ROOT / "grader" / "kit" / "ci" / CI[".gitlab-ci.yml"]]
PINNED = re.compile(r"uses: [\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")


def jobs(*paths: Path):
    return [(path.name, name, job) for path in paths for name, job in loaded(path)["jobs"].items()]


def steps(*paths: Path):
    return [(file, name, step) for file, name, job in jobs(*paths) for step in job["steps"]]


def program(name: str) -> str:
    """Of the environment that runs the tests."""
    found = shutil.which(name, path=sysconfig.get_path("scripts"))
    assert found, f"{name} comes with the extra [dev]"
    return found


def lint(*command: object) -> str:
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def test_every_action_is_pinned_to_a_commit_whose_version_is_named():
    lines = [line.strip().removeprefix("- ") for path in GITHUB for line in path.read_text().splitlines()]
    uses = [line for line in lines if line.startswith("uses:")]
    assert uses
    assert [line for line in uses if not PINNED.match(line)] == []
    versions = {line.partition("@")[0]: line for line in uses}
    assert {line.partition(" #")[0] for line in uses} == {line.partition(" #")[0] for line in versions.values()}


def test_every_job_has_rights_of_its_own_a_limit_of_time_and_a_group():
    for path in GITHUB:
        assert loaded(path)["permissions"] == {}, path
        assert "concurrency" in loaded(path), path
    for file, name, job in jobs(*GITHUB):
        assert job["permissions"] in ({}, {"contents": "read"}), (file, name)
        assert 0 < job["timeout-minutes"] <= 45, (file, name)


def test_no_script_holds_an_expression():
    scripts = [(file, name, step["run"]) for file, name, step in steps(*GITHUB) if "run" in step]
    assert scripts
    assert [script for script in scripts if "${{" in script[2]] == []


def test_every_checkout_is_of_this_repository_and_leaves_no_token():
    checkouts = [step for _, _, step in steps(*GITHUB) if step.get("uses", "").startswith("actions/checkout@")]
    assert len(checkouts) == 5
    assert [step["with"] for step in checkouts] == [{"persist-credentials": False}] * len(checkouts)


def test_the_job_that_runs_students_code_has_no_secret_and_no_environment():
    grade = loaded(ROOT / ".github" / "workflows" / "grade.yml")["jobs"]["grade"]
    assert "environment" not in grade
    assert grade["permissions"] == {"contents": "read"}
    for step in grade["steps"]:
        assert not re.search(r"secrets\.(?!token_hex)|github\.token|GITHUB_TOKEN|outputs\.token", repr(step)), step


def test_a_workflow_with_a_secret_takes_nothing_of_a_pull_request():
    """What runs on pull_request_target has one script, no action, and two values of the event."""
    for path in GITHUB:
        text = path.read_text(encoding="utf-8")
        if "pull_request_target:" not in text:
            continue
        assert [step for _, _, step in steps(path) if "uses" in step] == []
        named = set(re.findall(r"github\.event\.[\w.]+", text))
        assert named == {"github.event.pull_request.number", "github.event.pull_request.head.sha"}
        assert "secrets." in text
    pull_request = [path for path in GITHUB if re.search(r"^  pull_request:", path.read_text(), re.MULTILINE)]
    assert len(pull_request) == 2
    assert not [path for path in pull_request if "secrets." in path.read_text()]


def test_on_gitlab_no_job_has_a_token_and_students_code():
    pipeline = loaded(GITLAB[0])
    for name in pipeline["stages"]:
        grades = "grader/grade.py" in "\n".join(pipeline[name]["script"])
        assert grades == (name == "grade")
        assert grades == ("environment" not in pipeline[name])
    assert pipeline["report"]["variables"]["GIT_STRATEGY"] == "none", "an artifact could replace the grader's code"
    assert "TRIGGER_PAYLOAD" in repr(pipeline["workflow"])


def test_the_kit_has_the_files_where_the_hosts_look_for_them():
    files = contents()
    assert {*CI} == {".github/workflows/public-tests.yml", ".github/workflows/hidden-tests.yml", ".gitlab-ci.yml"}
    for name, file in CI.items():
        assert files[name] == (ROOT / "grader" / "kit" / "ci" / file).read_bytes()


def test_zizmor_has_nothing_to_say():
    assert lint(program("zizmor"), "--offline", "--no-config", "--persona=pedantic", *GITHUB) == ""


def test_the_files_keep_to_the_hosts_schemas():
    check = program("check-jsonschema")
    assert lint(check, "--builtin-schema", "vendor.github-workflows", *GITHUB) == ""
    assert lint(check, "--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci", *GITLAB) == ""
