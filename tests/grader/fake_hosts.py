"""GitHub's and GitLab's API, as far as pull requests need it, over a git repository; refuses what they refuse."""

import json
import re
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

LONGEST = 65_535  # characters


@dataclass
class Request:
    method: str
    path: str
    token: str
    body: Any


@dataclass
class Fault:
    """An answer that is given in place of the right one; with `done`, the request is carried out all the same."""

    method: str
    pattern: str
    status: int
    headers: dict[str, str] = field(default_factory=dict)
    done: bool = False


class Refused(Exception):
    """The host answers with this status."""


class FakeHost:
    """State that tests set and look at. `git` is the student repository, with the commits of forks in it."""

    def __init__(self, git: Path | None = None, bot: str = "gradkit-course[bot]") -> None:
        self.git, self.bot = git, bot
        self.head, self.state = "0" * 40, "open"
        self.requests: list[Request] = []
        self.faults: list[Fault] = []
        self.comments: list[dict[str, Any]] = []
        self.checks: list[dict[str, Any]] = []
        self.dispatched: list[Any] = []
        self.url = ""

    def written(self) -> list[Request]:
        return [request for request in self.requests if request.method != "GET"]

    def answer(self, method: str, target: str, body: Any) -> Any:
        address = urlsplit(target)
        query = {key: values[-1] for key, values in parse_qs(address.query).items()}
        for pattern, handle in {**GITHUB, **GITLAB}.items():
            found = re.fullmatch(pattern, f"{method} {address.path}")
            if found:
                return handle(self, body, query, *map(unquote, found.groups()))
        raise Refused(404)

    def of_git(self, *arguments: str) -> bytes:
        done = subprocess.run(["git", "-C", str(self.git), *arguments], capture_output=True, check=False)
        if done.returncode:
            raise Refused(404)
        return done.stdout

    def listed(self, tree: str) -> list[dict[str, Any]]:
        entries = []
        for line in self.of_git("ls-tree", "-z", "-l", tree).decode().split("\0")[:-1]:
            facts, _, name = line.partition("\t")
            mode, kind, sha, size = facts.split()
            entries.append({"path": name, "mode": mode, "type": kind, "sha": sha, "size": size})
        return [{**e, "size": int(e["size"])} if e["type"] == "blob" else _without(e, "size") for e in entries]

    def comment(self, login: str, body: str) -> dict[str, Any]:
        self.comments.append({"id": len(self.comments) + 1, "user": {"login": login}, "author": {"id": login}})
        self.comments[-1]["body"] = body
        return self.comments[-1]


def _without(values: dict[str, Any], key: str) -> dict[str, Any]:
    return {k: v for k, v in values.items() if k != key}


def _pull(host: FakeHost, body: Any, query: Any, number: str) -> Any:
    hostile = "::error::@everyone\n<img src=x onerror=alert(1)>"
    return {"number": int(number), "state": host.state, "title": hostile, "user": {"login": hostile},
            "head": {"sha": host.head, "ref": "$(touch /tmp/ref)", "label": hostile}}  # fmt: skip


def _commit(host: FakeHost, body: Any, query: Any, sha: str) -> Any:
    return {"sha": sha, "tree": {"sha": host.of_git("rev-parse", f"{sha}^{{tree}}").decode().strip()}}


def _tree(host: FakeHost, body: Any, query: Any, sha: str) -> Any:
    return {"sha": sha, "tree": host.listed(sha), "truncated": False}


def _blob(host: FakeHost, body: Any, query: Any, sha: str) -> bytes:
    return host.of_git("cat-file", "blob", sha)


def _paged(items: list[Any], query: dict[str, str]) -> list[Any]:
    size, page = int(query.get("per_page", 30)), int(query.get("page", 1))
    return items[(page - 1) * size : page * size]


def _comments(host: FakeHost, body: Any, query: Any, *_: str) -> Any:
    return _paged(host.comments, query)


def _new_comment(host: FakeHost, body: Any, query: Any, *_: str) -> Any:
    _fits(body["body"])
    return host.comment(host.bot, body["body"])


def _edit_comment(host: FakeHost, body: Any, query: Any, *parts: str) -> Any:
    _fits(body["body"])
    comment = next(c for c in host.comments if c["id"] == int(parts[-1]))
    if comment["user"]["login"] != host.bot:
        raise Refused(403)
    comment["body"] = body["body"]
    return comment


def _new_check(host: FakeHost, body: Any, query: Any) -> Any:
    _check_output(body["output"])
    host.checks.append({"id": len(host.checks) + 1, **body})
    return host.checks[-1]


def _edit_check(host: FakeHost, body: Any, query: Any, id: str) -> Any:
    _check_output(body["output"])
    check = host.checks[int(id) - 1]
    check["output"]["annotations"] += body["output"].get("annotations", [])
    return check


def _check_output(output: dict[str, Any]) -> None:
    _fits(output["title"], output["summary"], output.get("text", ""))
    notes = output.get("annotations", [])
    right = all(
        note["start_line"] >= 1
        and note["annotation_level"] in ("notice", "warning", "failure")
        and len(note["message"].encode()) <= 1 << 16
        and len(note["title"]) <= 255
        for note in notes
    )
    if len(notes) > 50 or not right:
        raise Refused(422)


def _fits(*texts: str) -> None:
    if any(len(text) > LONGEST for text in texts):
        raise Refused(422)


def _dispatch(host: FakeHost, body: Any, query: Any, grader: str) -> None:
    host.dispatched.append((grader, body))


def _merge_request(host: FakeHost, body: Any, query: Any, number: str) -> Any:
    return {"iid": int(number), "state": "opened" if host.state == "open" else host.state, "sha": host.head}


def _folder(host: FakeHost, body: Any, query: Any) -> Any:
    entries = host.listed(f"{query['ref']}:{query['path']}")
    return _paged([{"name": e["path"], "mode": e["mode"], "id": e["sha"]} for e in entries], query)


def _user(host: FakeHost, body: Any, query: Any) -> Any:
    return {"id": 7}


def _new_note(host: FakeHost, body: Any, query: Any, *_: str) -> Any:
    host.comment(host.bot, body["body"])["author"]["id"] = 7
    return host.comments[-1]


OURS, THEIRS = "/repos/course/exercises", "/projects/course%2Fexercises"
Handle = Callable[..., Any]
GITHUB: dict[str, Handle] = {
    rf"GET {OURS}/pulls/(\d+)": _pull,
    rf"GET {OURS}/git/commits/(\w+)": _commit,
    rf"GET {OURS}/git/trees/(\w+)": _tree,
    rf"GET {OURS}/git/blobs/(\w+)": _blob,
    rf"GET {OURS}/issues/(\d+)/comments": _comments,
    rf"POST {OURS}/issues/(\d+)/comments": _new_comment,
    rf"PATCH {OURS}/issues/comments/(\d+)": _edit_comment,
    rf"POST {OURS}/check-runs": _new_check,
    rf"PATCH {OURS}/check-runs/(\d+)": _edit_check,
    r"POST /repos/([\w-]+/[\w-]+)/actions/workflows/grade\.yml/dispatches": _dispatch,
}
GITLAB: dict[str, Handle] = {
    rf"GET {THEIRS}/merge_requests/(\d+)": _merge_request,
    rf"GET {THEIRS}/repository/tree": _folder,
    rf"GET {THEIRS}/repository/blobs/(\w+)/raw": _blob,
    rf"GET {THEIRS}/merge_requests/(\d+)/notes": _comments,
    rf"POST {THEIRS}/merge_requests/(\d+)/notes": _new_note,
    rf"PUT {THEIRS}/merge_requests/(\d+)/notes/(\d+)": _edit_comment,
    r"GET /user": _user,
}


@contextmanager
def serving(host: FakeHost) -> Iterator[FakeHost]:
    """The host at http://127.0.0.1."""

    class Handler(BaseHTTPRequestHandler):
        def respond(self) -> None:
            data = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            body = json.loads(data) if data else None
            token = self.headers.get("Authorization", "").removeprefix("Bearer ") or self.headers.get("PRIVATE-TOKEN")
            host.requests.append(Request(self.command, self.path, token or "", body))
            fault = next((f for f in host.faults if re.search(f.pattern, f"{self.command} {self.path}")), None)
            if fault:
                host.faults.remove(fault)
            if fault and not fault.done:
                return self.say(fault.status, {"message": "::error::not now"}, fault.headers)
            try:
                answer = host.answer(self.command, self.path, body)
            except Refused as refused:
                return self.say(refused.args[0], {"message": "refused"}, {})
            return self.say(fault.status if fault else 200, answer, {})

        def say(self, status: int, answer: Any, headers: dict[str, str]) -> None:
            data = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(data))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: Any) -> None:
            pass

        do_GET = do_POST = do_PATCH = do_PUT = respond  # noqa: N815 (so http.server calls them)

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        host.url = f"http://127.0.0.1:{server.server_address[1]}"
        try:
            yield host
        finally:
            server.shutdown()
            thread.join()
