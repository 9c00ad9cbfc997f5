"""Which pull request is meant: checked before anything else happens, for the event that names it is not trusted.

`python -m grader.pulls.event` writes the owner and the name of its repository for the steps that follow.
"""

import json
import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.reports.escape import workflow

NUMBER = re.compile(r"[1-9][0-9]{0,8}")
COMMIT = re.compile(r"[0-9a-f]{40}")
REPOSITORY = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}(/[A-Za-z0-9_.-]{1,100}){1,8}")
LARGEST = 8 << 20  # bytes of a webhook's payload, in which a description may be long


class PullError(Exception):
    """The pull request can't be graded; the message says why and what to do."""


@dataclass(frozen=True)
class Pull:
    """A pull request of an allowed repository, at one commit."""

    repository: str
    number: int
    commit: str

    @property
    def id(self) -> str:
        """What its submission is called; nothing in it was chosen by a student."""
        return f"pull-{self.number}"


def pull_of(environment: Mapping[str, str]) -> Pull:
    """From PULL_REPOSITORY, PULL_NUMBER and PULL_COMMIT, or from the payload of GitLab's webhook."""
    payload = environment.get("TRIGGER_PAYLOAD")
    values = _payload(Path(payload)) if payload else [environment.get(name, "") for name in PARTS]
    repository, number, commit = values
    return Pull(_allowed(repository, environment), int(_checked(NUMBER, "number", number)), _commit(commit))


PARTS = ("PULL_REPOSITORY", "PULL_NUMBER", "PULL_COMMIT")


def output(environment: Mapping[str, str], **values: str) -> None:
    """Tell the steps or, on GitLab, the jobs that follow; a value is one line."""
    lines = [f"{name}={value}\n" for name, value in values.items()]
    if any(line.count("\n") > 1 or "\r" in line for line in lines):
        raise PullError("an output of a step must be one line")
    with Path(environment.get("GITHUB_OUTPUT") or environment["PULL_OUTPUT"]).open("a", encoding="utf-8") as file:
        file.writelines(lines)


def _allowed(repository: str, environment: Mapping[str, str]) -> str:
    allowed = environment.get("ALLOWED_REPOSITORIES", "").split()
    _checked(REPOSITORY, "repository", repository)
    if repository not in allowed or ".." in repository or "/." in repository:
        raise PullError(f"{workflow(repository)} is not among the repositories that are graded: {_listed(allowed)}")
    return repository


def _commit(commit: str) -> str:
    return _checked(COMMIT, "commit", commit)


def _checked(pattern: re.Pattern[str], what: str, value: str) -> str:
    if not pattern.fullmatch(value):
        raise PullError(f"the event names no {what} of a pull request: {workflow(repr(value), 120)}")
    return value


def _listed(allowed: list[str]) -> str:
    return workflow(", ".join(allowed)) or "none; name them in the variable STUDENT_REPOSITORIES"


def _payload(path: Path) -> list[str]:
    """Repository, number and commit of a merge request, as GitLab tells them."""
    try:
        with path.open("rb") as file:
            raw = json.loads(file.read(LARGEST + 1))
        merge: Any = raw["object_attributes"]
        values = [raw["project"]["path_with_namespace"], merge["iid"], merge["last_commit"]["id"]]
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise PullError("the webhook's payload is none of a merge request: let it send merge request events") from error
    return [str(value) for value in values]


def main() -> int:
    """Check, and write owner and name."""
    try:
        owner, _, name = pull_of(os.environ).repository.partition("/")
        output(os.environ, owner=owner, name=name)
    except PullError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
