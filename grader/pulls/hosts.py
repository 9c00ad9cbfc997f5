"""What is asked of GitHub and of GitLab alike."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from grader.pulls.event import Pull
from grader.reports.github import Note

FOLDER = "exercises"
MARK = "<!-- gradkit: results of a pull request -->"  # how our own comment is found again


@dataclass(frozen=True)
class Entry:
    """A name in a folder of the repository, as git keeps it; the size where the host tells it."""

    name: str
    mode: str
    sha: str
    size: int | None = None


@dataclass(frozen=True)
class Told:
    """What is shown at a pull request; Markdown, harmless and within the hosts' limits."""

    title: str
    conclusion: str  # in GitHub's words
    summary: str
    details: str = ""
    notes: Sequence[Note] = ()


class Host(Protocol):
    """Reads a pull request's files as data, and writes what was found to the pull request."""

    def head(self, pull: Pull) -> str | None:
        """The newest commit; None once the pull request is closed."""

    def entries(self, pull: Pull) -> Iterable[Entry]:
        """What lies in exercises/ at the pull request's commit."""

    def read(self, pull: Pull, entry: Entry, most: int) -> bytes:
        """A file's bytes as git keeps them, without filters; TooLargeError where there are more."""

    def tell(self, pull: Pull, told: Told) -> None:
        """Show this, in place of what was shown before."""
