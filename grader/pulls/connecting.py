"""Which host is meant, and a connection to it with the token of the environment."""

import os
from collections.abc import Mapping

from grader.pulls.event import COMMIT, Pull, PullError
from grader.pulls.github import GitHub
from grader.pulls.gitlab import GitLab
from grader.pulls.hosts import Host

TOKEN = "STUDENT_TOKEN"
ADDRESSES = {"github": "GITHUB_API_URL", "gitlab": "CI_API_V4_URL"}


def environment() -> dict[str, str]:
    """A copy of the variables; the token stays in it alone."""
    values = dict(os.environ)
    os.environ.pop(TOKEN, None)
    return values


def host_of(environment: Mapping[str, str]) -> Host:
    """By PULL_HOST, GitHub or GitLab."""
    name = environment.get("PULL_HOST", "github")
    if name not in ADDRESSES:
        raise PullError(f"PULL_HOST is github or gitlab, not {name!r}")
    for needed in (ADDRESSES[name], TOKEN):
        if not environment.get(needed):
            raise PullError(f"{needed} is not set; see the section about pull requests in the README")
    base, token = environment[ADDRESSES[name]], environment[TOKEN]
    return GitLab(base, token) if name == "gitlab" else GitHub(base, token, environment.get("BOT", ""))


def head_of(host: Host, pull: Pull) -> str | None:
    """The newest commit, checked as what comes from an event is."""
    head = host.head(pull)
    if head is not None and not COMMIT.fullmatch(head):
        raise PullError(f"the newest commit of {pull.id} has no name that git would give")
    return head
