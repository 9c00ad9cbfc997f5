"""GitLab: a merge request's files through the API, and one note."""

import urllib.parse
from collections.abc import Iterator

from grader.pulls.event import Pull
from grader.pulls.hosts import FOLDER, MARK, Entry, Told
from grader.pulls.http import Http, HttpError, until_sure


class GitLab:
    """The API as the user that the token belongs to, whose notes are its own."""

    def __init__(self, base: str, token: str) -> None:
        self.api = Http(base, {"PRIVATE-TOKEN": token, "User-Agent": "gradkit"})

    def head(self, pull: Pull) -> str | None:
        found = self.api.get(_merge_request(pull))
        return str(found["sha"]) if found["state"] == "opened" else None

    def entries(self, pull: Pull) -> Iterator[Entry]:
        """Commits of forks are in the target project, too, as refs/merge-requests/…/head."""
        try:
            for item in self.api.pages(f"{_project(pull)}/repository/tree", path=FOLDER, ref=pull.commit):
                yield Entry(str(item["name"]), str(item["mode"]), str(item["id"]))
        except HttpError as error:
            if error.status != 404:  # there is no such folder
                raise

    def read(self, pull: Pull, entry: Entry, most: int) -> bytes:
        return self.api.read(f"{_project(pull)}/repository/blobs/{_quoted(entry.sha)}/raw", most, "*/*")

    def tell(self, pull: Pull, told: Told) -> None:
        """GitLab has no check run: the details stand in the note."""
        body = "\n\n".join(part for part in (f"{MARK}\n{told.summary}", told.details) if part)
        notes = f"{_merge_request(pull)}/notes"
        own = int(self.api.get("/user")["id"])

        def put() -> None:
            if (note := self._own(notes, own)) is not None:
                self.api.change("PUT", f"{notes}/{note}", {"body": body})
            else:
                self.api.create(notes, {"body": body})

        until_sure(put)

    def _own(self, notes: str, user: int) -> int | None:
        """Anybody may copy the mark into a note of theirs, so the author counts, too."""
        for note in self.api.pages(notes, sort="asc", order_by="created_at"):
            if note["author"]["id"] == user and str(note.get("body")).startswith(MARK):
                return int(note["id"])
        return None


def _project(pull: Pull) -> str:
    return f"/projects/{_quoted(pull.repository)}"


def _merge_request(pull: Pull) -> str:
    return f"{_project(pull)}/merge_requests/{pull.number}"


def _quoted(text: str) -> str:
    return urllib.parse.quote(text, safe="")
