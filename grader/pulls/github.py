"""GitHub: a pull request's files through the API for git's objects, a check run, and one comment."""

import urllib.parse
from collections.abc import Iterator

from grader.pulls.event import Pull, PullError
from grader.pulls.hosts import FOLDER, MARK, Entry, Told
from grader.pulls.http import Http, until_sure
from grader.reports.escape import plain, unlinked
from grader.reports.github import Note

NAME = "gradkit"
AT_ONCE = 50  # annotations that GitHub takes of one request
MOST = 500  # annotations of a check run; students fix the first ones first
LEVELS = {"error": "failure", "warning": "warning", "notice": "notice"}
HEADERS = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28", "User-Agent": NAME}
RAW = "application/vnd.github.raw+json"


class GitHub:
    """The API as the app named by bot, whose comments are its own."""

    def __init__(self, base: str, token: str, bot: str) -> None:
        self.api, self.bot = Http(base, {**HEADERS, "Authorization": f"Bearer {token}"}), bot

    def head(self, pull: Pull) -> str | None:
        found = self.api.get(f"{_repository(pull)}/pulls/{pull.number}")
        return str(found["head"]["sha"]) if found["state"] == "open" else None

    def entries(self, pull: Pull) -> Iterator[Entry]:
        """One folder alone: the size of what lies in others is of no matter."""
        commit = self.api.get(f"{_repository(pull)}/git/commits/{pull.commit}")
        folder = next((e for e in self._tree(pull, commit["tree"]["sha"]) if e.name == FOLDER), None)
        if folder and folder.mode == "040000":
            yield from self._tree(pull, folder.sha)

    def read(self, pull: Pull, entry: Entry, most: int) -> bytes:
        return self.api.read(f"{_repository(pull)}/git/blobs/{_quoted(entry.sha)}", most, RAW)

    def tell(self, pull: Pull, told: Told) -> None:
        self._check(pull, told)
        more = f"\n\nThe details stand in the check *{NAME}* of this commit." if told.details else ""
        self._comment(pull, f"{MARK}\n{told.summary}{more}")

    def _tree(self, pull: Pull, sha: str) -> Iterator[Entry]:
        tree = self.api.get(f"{_repository(pull)}/git/trees/{_quoted(sha)}")
        if tree.get("truncated"):
            raise PullError(f"{FOLDER}/ or the folder above it holds more files than GitHub lists")
        for item in tree["tree"]:
            yield Entry(str(item["path"]), str(item["mode"]), str(item["sha"]), item.get("size"))

    def _check(self, pull: Pull, told: Told) -> None:
        """A new check run: in one that is edited, the annotations of before would stay."""
        output = {"title": told.title, "summary": told.summary}
        notes = [_annotation(note) for note in told.notes][:MOST]
        first = {"name": NAME, "head_sha": pull.commit, "external_id": pull.id, "status": "completed"}
        full = {**output, "text": told.details, "annotations": notes[:AT_ONCE]}
        runs = f"{_repository(pull)}/check-runs"
        made = until_sure(lambda: self.api.create(runs, {**first, "conclusion": told.conclusion, "output": full}))
        for begin in range(AT_ONCE, len(notes), AT_ONCE):
            more = {"output": {**full, "annotations": notes[begin : begin + AT_ONCE]}}
            self.api.change("PATCH", f"{runs}/{int(made['id'])}", more)

    def _comment(self, pull: Pull, body: str) -> None:
        """Where nobody knows whether a comment was made, it is looked for again: there is one, never two."""
        issues = f"{_repository(pull)}/issues"

        def put() -> None:
            if (own := self._own(f"{issues}/{pull.number}/comments")) is not None:
                self.api.change("PATCH", f"{issues}/comments/{own}", {"body": body})
            else:
                self.api.create(f"{issues}/{pull.number}/comments", {"body": body})

        until_sure(put)

    def _own(self, comments: str) -> int | None:
        """Anybody may copy the mark into a comment of theirs, so the author counts, too."""
        if not self.bot:
            raise PullError("BOT is not set: without the app's name its own comment can't be told from others")
        for comment in self.api.pages(comments):
            login = (comment.get("user") or {}).get("login")
            if login == self.bot and str(comment.get("body")).startswith(MARK):
                return int(comment["id"])
        return None


def _annotation(note: Note) -> dict[str, str | int]:
    """GitHub wants a line; what belongs to a whole file stands at its first."""
    line = max(1, note.line or 1)
    return {
        "path": note.file,
        "start_line": line,
        "end_line": line,
        "annotation_level": LEVELS[note.level],
        "title": unlinked(plain(note.title, 200)),
        "message": unlinked(plain(note.message, 4000)),
    }


def _repository(pull: Pull) -> str:
    return f"/repos/{pull.repository}"  # checked to hold nothing but letters, digits, and the like


def _quoted(text: str) -> str:
    return urllib.parse.quote(text, safe="")
