"""Runs the scripts of a workflow as they stand in its file, with the variables that the runner would give them."""

import os
import re
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

EXPRESSION = re.compile(r"\$\{\{(.*?)\}\}")
Outputs = dict[str, str]
Uses = Callable[["Job", Mapping[str, str]], Outputs]


def loaded(path: Path) -> dict[str, Any]:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


@dataclass
class Job:
    """A job's own machine: its folder for temporary files, and what its steps wrote and logged."""

    temporary: Path
    workspace: Path
    log: str = ""
    environments: dict[str, Mapping[str, str]] = field(default_factory=dict)  # of scripts, by the steps' names
    codes: dict[str, int] = field(default_factory=dict)
    outputs: Outputs = field(default_factory=dict)

    @property
    def venv(self) -> Path:
        return self.temporary / "venv" / "bin"


def run_job(
    workflow: Mapping[str, Any], name: str, job: Job, context: Mapping[str, Any], uses: Mapping[str, Uses],
    variables: Mapping[str, str],
) -> Job:  # fmt: skip
    """All steps until one fails, and then those that run all the same. An action is replaced by uses[its name]."""
    steps: dict[str, Any] = {}
    context = {**context, "steps": steps, "runner": {"temp": str(job.temporary)}}
    definition = workflow["jobs"][name]
    for step in definition["steps"]:
        if any(job.codes.values()) and "always()" not in step.get("if", ""):
            continue
        values = {**workflow.get("env", {}), **definition.get("env", {}), **step.get("env", {})}
        given = {key: filled(str(value), context) for key, value in values.items()}
        if "uses" in step:
            with_ = {key: filled(str(value), context) for key, value in step.get("with", {}).items()}
            outputs = uses[step["uses"].partition("@")[0]](job, with_)
        else:
            outputs = _script(step, job, {**variables, **given})
        if "id" in step:
            steps[step["id"]] = {"outputs": outputs}
    job.outputs = {key: filled(value, context) for key, value in definition.get("outputs", {}).items()}
    return job


def filled(text: str, context: Mapping[str, Any]) -> str:
    return EXPRESSION.sub(lambda found: _value(found[1], context), text)


def _value(expression: str, context: Mapping[str, Any]) -> str:
    """`a.b.c`, or the first of several that is not empty; what is not there is empty, as at GitHub."""
    for alternative in expression.split("||"):
        word = alternative.strip()
        found: Any = word[1:-1] if word.startswith("'") else context
        for part in () if word.startswith("'") else word.split("."):
            found = found.get(part, "") if isinstance(found, Mapping) else ""
        if found != "":
            return str(found)
    return ""


def _script(step: Mapping[str, Any], job: Job, variables: Mapping[str, str]) -> Outputs:
    outputs = job.temporary / "outputs"
    outputs.write_text("", encoding="utf-8")
    files = {"GITHUB_OUTPUT": str(outputs), "RUNNER_TEMP": str(job.temporary), "HOME": str(job.temporary)}
    environment = {**variables, **files, "GITHUB_WORKSPACE": str(job.workspace)}
    job.environments[step["name"]] = environment
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
        cwd=job.workspace, env=environment, capture_output=True, text=True, errors="replace", check=False,
    )  # fmt: skip
    job.log += done.stdout + done.stderr
    job.codes[step["name"]] = done.returncode
    lines = [line.partition("=") for line in outputs.read_text(encoding="utf-8").splitlines()]
    return {name: value for name, _, value in lines}


def programs(folder: Path) -> Path:
    """python3, python and pip for the scripts: environments are this one, and nothing is installed into it."""
    folder.mkdir()
    python = f'env > "$0.environment.$$"\nexec {sys.executable} "$@"'
    pip = 'echo "$@" >> "$0.log"'
    venv = f"""
        if [ "$1 $2" = "-m venv" ]; then
            mkdir -p "$3/bin" && cp "{folder}/python" "{folder}/pip" "$3/bin/"
            exit
        fi
        exec {sys.executable} "$@"
    """
    for name, text in {"python": python, "pip": pip, "python3": textwrap.dedent(venv)}.items():
        (folder / name).write_text(f"#!/bin/bash\n{text}\n", encoding="utf-8")
        (folder / name).chmod(0o755)
    return folder


def course(folder: Path, root: Path) -> Path:
    """A grader's repository with two topics, and a policy that shows no hint."""
    parts = ("solutions/{}.py", "tests/probes/{}.py", "tests/hidden/test_{}.py", "tests/hidden/{}_*.py")
    patterns = [part.format(topic) for topic in ("strides", "tensor_init") for part in parts]
    for pattern in (*patterns, "tests/hidden/conftest.py", "pyproject.toml", "constraints.txt"):
        for path in root.glob(pattern):
            place = folder / path.relative_to(root)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, place)
    shutil.copytree(root / "grader", folder / "grader", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "course.toml").write_text('see.hint = "never"\n', encoding="utf-8")
    return folder


def base(programs: Path, **more: str) -> dict[str, str]:
    """What every script has: no variable of the machine that runs the tests but what finds its programs."""
    return {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}", "CI": "true", "OMP_NUM_THREADS": "1", **more}
