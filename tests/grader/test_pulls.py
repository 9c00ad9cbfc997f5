"""The parts behind the workflows: requests that are patient and keep the token, files, check runs, comments."""

import json
import os
import re
from datetime import UTC, datetime

import pytest
from fake_hosts import LONGEST, FakeHost, Fault, serving
from samples import check, run, submission

from grader.course import Course, See
from grader.policy import Policy
from grader.pulls import http
from grader.pulls.connecting import environment, head_of, host_of
from grader.pulls.event import Pull, PullError, output, pull_of
from grader.pulls.fetch import fetched
from grader.pulls.github import GitHub
from grader.pulls.gitlab import GitLab
from grader.pulls.hosts import MARK, Entry, Told
from grader.pulls.http import Http, HttpError, UnsureError
from grader.pulls.report import main as report
from grader.pulls.telling import fitted, told_of
from grader.reports.escape import markdown, unlinked
from grader.reports.github import Note

PULL = Pull("course/exercises", 7, "a" * 40)
TOLD = Told("1 of 2 points", "neutral", "**1 of 2 points**", "the details")


@pytest.fixture
def host():
    with serving(FakeHost()) as host:
        host.head = PULL.commit
        yield host


def github(host, bot="gradkit-course[bot]"):
    return _quick(GitHub(host.url, "secret-token", bot))


def gitlab(host):
    return _quick(GitLab(host.url, "secret-token"))


def _quick(client):
    client.waited = []
    client.api._sleep = client.waited.append
    return client


def test_a_busy_host_is_asked_again_after_the_time_it_names(host):
    client = github(host)
    host.faults += [
        Fault("GET", "GET .*/pulls/7", 429, {"Retry-After": "7"}),
        Fault("GET", "GET .*/pulls/7", 403, {"X-RateLimit-Remaining": "0"}),
        Fault("GET", "GET .*/pulls/7", 503, {"Retry-After": "86400"}),
    ]
    assert client.head(PULL) == PULL.commit
    assert client.waited == [7.0, 1.0, http.LONGEST_WAIT]


@pytest.mark.parametrize(("status", "said", "times"), [(404, "look at the token", 1), (301, "use its new name", 1),
                                                       (502, "answered with 502", http.ATTEMPTS)])  # fmt: skip
def test_a_request_that_fails_for_good_says_what_and_never_the_token(host, status, said, times):
    host.faults += [Fault("GET", "pulls", status, {"Location": host.url + "/elsewhere"})] * times
    with pytest.raises(HttpError, match=said) as failed:
        github(host).head(PULL)
    assert failed.value.status == status
    assert "GET /repos/course/exercises/pulls/7" in str(failed.value)
    assert "secret" not in str(failed.value)
    assert "::error::" not in str(failed.value), "the host's words are a stranger's, too"
    assert [request.path for request in host.requests] == ["/repos/course/exercises/pulls/7"] * times


def test_no_redirect_carries_the_token_to_another_host(host):
    with serving(FakeHost()) as other:
        host.faults.append(Fault("GET", "pulls", 302, {"Location": f"{other.url}/repos/course/exercises/pulls/7"}))
        with pytest.raises(HttpError):
            github(host).head(PULL)
        assert other.requests == []


def test_a_token_is_not_sent_over_plain_http():
    with pytest.raises(HttpError, match="is not https"):
        Http("http://api.github.example", {})


def test_nobody_there_is_told_as_such():
    client = _quick(GitHub("http://127.0.0.1:1", "secret-token", "bot"))
    with pytest.raises(HttpError, match="no answer to GET"):
        client.head(PULL)
    assert len(client.waited) == http.ATTEMPTS - 1
    with pytest.raises(UnsureError):
        client.api.create("/x", {})


def test_an_endless_answer_is_not_read(host, monkeypatch):
    monkeypatch.setattr(http, "LARGEST", 20)
    with pytest.raises(HttpError, match="longer than 20 bytes"):
        Http(host.url, {})._send("GET", "/repos/course/exercises/pulls/7", most=20)


def test_the_token_leaves_the_variables_of_the_process(monkeypatch):
    monkeypatch.setenv("STUDENT_TOKEN", "secret-token")
    assert environment()["STUDENT_TOKEN"] == "secret-token"
    assert "STUDENT_TOKEN" not in os.environ


@pytest.mark.parametrize("kind", ["github", "gitlab"])
@pytest.mark.parametrize("done", [True, False])
def test_a_comment_is_never_made_twice_whatever_becomes_of_the_answer(host, kind, done):
    client = github(host) if kind == "github" else gitlab(host)
    host.faults.append(Fault("POST", "POST .*/(comments|notes)", 502, done=done))
    client.tell(PULL, TOLD)
    client.tell(PULL, TOLD)
    assert len(host.comments) == 1
    assert host.comments[0]["body"].startswith(f"{MARK}\n**1 of 2 points**")


@pytest.mark.parametrize("kind", ["github", "gitlab"])
def test_only_a_comment_of_its_own_is_edited_even_behind_hundreds_of_others(host, kind):
    client = github(host) if kind == "github" else gitlab(host)
    for number in range(250):
        host.comment("eve", f"{MARK}\n{number}")
    client.tell(PULL, TOLD)
    client.tell(PULL, Told("2 of 2 points", "success", "**2 of 2 points**"))
    assert [c["body"] for c in host.comments[:250]] == [f"{MARK}\n{number}" for number in range(250)]
    [own] = host.comments[250:]
    assert own["body"] == f"{MARK}\n**2 of 2 points**"


def test_where_comments_can_not_all_be_looked_at_none_is_added(host, monkeypatch):
    monkeypatch.setattr(http, "MOST_PAGES", 2)
    for number in range(200):
        host.comment("eve", str(number))
    with pytest.raises(HttpError, match="more than 200 items"):
        github(host).tell(PULL, TOLD)
    assert len(host.comments) == 200


def test_a_comment_in_which_somebody_quotes_it_is_not_taken_for_its_own(host):
    host.comment("gradkit-course[bot]", f"> {MARK}")
    github(host).tell(PULL, TOLD)
    assert len(host.comments) == 2


def test_without_the_apps_name_no_comment_is_made(host):
    with pytest.raises(PullError, match="BOT is not set"):
        github(host, bot="").tell(PULL, TOLD)
    assert host.comments == []


@pytest.mark.parametrize(("count", "requests"), [(0, 1), (50, 1), (51, 2), (120, 3), (5_000, 10)])
def test_annotations_go_fifty_at_once(host, count, requests):
    notes = [Note("error", f"message {k}", "exercises/strides.py", k, "title") for k in range(count)]
    github(host).tell(PULL, Told("t", "neutral", "s", "d", notes))
    kept = host.checks[0]["output"]["annotations"]
    assert [note["message"] for note in kept] == [f"message {k}" for k in range(min(count, 500))]
    assert len([r for r in host.written() if "check-runs" in r.path]) == requests
    assert not kept or kept[0]["start_line"] == 1, "a line 0 would be refused"


def test_the_longest_results_fit_and_say_that_they_were_cut(host):
    checks = [
        check(name="大海" * 40, status="failed", message=f"{k} {'@x ' * 700}", hint="h" * 1900) for k in range(200)
    ]
    told = told_of(PULL, submission("pull-7", *checks), run(), None, {f"exercises/{k}" * 400: "w" for k in range(99)})
    github(host).tell(PULL, told)
    gitlab(host).tell(PULL, told)
    assert told.details.endswith("your teachers have it all.")
    assert all(len(text.encode()) < LONGEST for text in (told.summary, told.details))
    assert all(len(note["message"].encode()) < 1 << 16 for note in host.checks[0]["output"]["annotations"])


def test_text_is_cut_between_lines_and_only_where_it_must_be():
    assert fitted(["a" * 10, "b" * 10], 200) == "a" * 10 + "\n" + "b" * 10
    cut = fitted(["a" * 90, "b" * 90], 170)
    assert cut.startswith("a" * 90 + "\n\nThe rest did not fit")
    assert "b" * 5 not in cut


@pytest.mark.parametrize(
    ("statuses", "see", "mark", "conclusion"),
    [
        (["passed", "passed"], See(), None, "success"),
        (["passed", "failed"], See(), None, "neutral"),
        (["passed", "unproven"], See(), None, "neutral"),
        ([], See(), None, "neutral"),
        (["passed", "failed"], See(), 50.0, "success"),
        (["passed", "failed"], See(), 51.0, "failure"),
        (["failed", "failed"], See(message="never", hint="never", diagnosis="never"), 50.0, "failure"),
    ],
)
def test_the_conclusion_follows_the_pass_mark_and_the_texts_the_policy(statuses, see, mark, conclusion):
    policy = Policy(Course(see=see, pass_mark=mark), {}, datetime.now(UTC)) if mark else None
    points = {"passed": 2.0}
    checks = [
        check(status=s, points=points.get(s, 0.0), message="MESSAGE", hint="HINT", diagnosis="DIAGNOSIS")
        for s in statuses
    ]
    told = told_of(PULL, submission("pull-7", *checks), run(), policy, {})
    assert told.conclusion == conclusion
    shown = told.summary + told.details + "".join(note.message for note in told.notes)
    assert ("MESSAGE" in shown) == (see == See() and any(s != "passed" for s in statuses))


def test_an_unreadable_submission_fails_and_says_why():
    told = told_of(PULL, submission("pull-7", status="unreadable", message="the archive is empty"), run(), None, {})
    assert told.conclusion == "failure"
    assert "the archive is empty" in told.summary


def test_what_is_not_started_is_no_annotation():
    told = told_of(PULL, submission("pull-7", check(status="not_started"), check(status="failed")), run(), None, {})
    assert [note.level for note in told.notes] == ["error"]


class Folder:
    """A host with these entries, whose files all hold the same."""

    def __init__(self, *entries):
        self.listed, self.asked = entries, []

    def entries(self, pull):
        return self.listed

    def read(self, pull, entry, most):
        self.asked.append((entry.name, most))
        return b"x"


def test_of_a_folder_nothing_but_regular_modules_of_topics_is_asked_for():
    host = Folder(
        Entry("strides.py", "100644", "1", 5),
        Entry("modes.py", "120000", "2", 5),
        Entry("conftest.py", "100644", "3", 5),
        Entry("strides.ipynb", "100755", "4"),
        Entry("modes.ipynb", "160000", "5"),
        Entry("Strides.py", "100644", "6", 5),
        Entry("modules.py", "100644", "7", (1 << 20) + 1),
        Entry("../strides.py", "100644", "8", 5),
        Entry("modules.ipynb", "040000", "9"),
    )
    got = fetched(host, PULL, ["strides", "modes", "modules"])
    assert host.asked == [("strides.ipynb", 8 << 20), ("strides.py", 1 << 20)]
    assert set(got.files) == {"strides.py", "strides.ipynb"}
    reasons = {name: why.partition(";")[0] for name, why in got.left_out.items()}
    assert reasons == {
        "exercises/modes.py": "it is a symbolic link, which is not followed",
        "exercises/modes.ipynb": "it is a submodule",
        "exercises/modules.py": "it is larger than 1.0 MiB (1.0 MiB)",
        "exercises/modules.ipynb": "it is a folder",
    }


def test_a_webhook_names_the_merge_request(tmp_path):
    payload = {"object_kind": "merge_request", "project": {"path_with_namespace": "course/exercises"},
               "object_attributes": {"iid": 7, "title": "\n::error::", "last_commit": {"id": "a" * 40}}}  # fmt: skip
    path = tmp_path / "payload"
    path.write_text(json.dumps(payload), encoding="utf-8")
    variables = {"TRIGGER_PAYLOAD": str(path), "ALLOWED_REPOSITORIES": "course/exercises"}
    assert pull_of(variables) == PULL
    for wrong in ({}, [], {"project": None, "object_attributes": {}}, {**payload, "object_attributes": {"iid": 7}}):
        path.write_text(json.dumps(wrong), encoding="utf-8")
        with pytest.raises(PullError, match="merge request events"):
            pull_of(variables)
    path.write_text(json.dumps(payload), encoding="utf-8")
    with pytest.raises(PullError, match="not among the repositories"):
        pull_of({**variables, "ALLOWED_REPOSITORIES": "course/exercises2"})


def test_an_output_of_a_step_is_one_line(tmp_path):
    variables = {"GITHUB_OUTPUT": str(tmp_path / "out")}
    output(variables, a="1")
    with pytest.raises(PullError, match="one line"):
        output(variables, a="1\nGRADE=true")
    assert (tmp_path / "out").read_text(encoding="utf-8") == "a=1\n"


def test_a_head_that_is_no_commit_is_refused(host):
    host.head = "main"
    with pytest.raises(PullError, match="newest commit"):
        head_of(github(host), PULL)


@pytest.mark.parametrize(
    ("changes", "said"),
    [({"PULL_HOST": "bitbucket"}, "github or gitlab"), ({"STUDENT_TOKEN": ""}, "STUDENT_TOKEN is not set"),
     ({"GITHUB_API_URL": ""}, "GITHUB_API_URL is not set")],
)  # fmt: skip
def test_what_is_missing_is_named(changes, said):
    variables = {"PULL_HOST": "github", "STUDENT_TOKEN": "t", "GITHUB_API_URL": "https://api.github.com", **changes}
    with pytest.raises(PullError, match=said):
        host_of(variables)


def test_left_out_files_that_fetch_did_not_write_are_refused(host, monkeypatch, capsys, tmp_path):
    for name, value in {"PULL_REPOSITORY": "course/exercises", "PULL_NUMBER": "7", "PULL_COMMIT": PULL.commit,
                        "ALLOWED_REPOSITORIES": "course/exercises", "GRADED_COMMIT": PULL.commit, "LEFT_OUT": "[1]",
                        "STUDENT_TOKEN": "t", "GITHUB_API_URL": host.url, "BOT": host.bot}.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    assert report([str(tmp_path / "results.json")]) == 1
    assert "LEFT_OUT is not what fetch wrote" in capsys.readouterr().err
    assert host.written() == []


@pytest.mark.parametrize("text", ["@ann", "#1", "GH-1", "gh-12", "a/b#1", "!1", "&1", "%1", "~bug", "^a", "$1",
                                  "a@b.example", "www.a.example", "http://a.example"])  # fmt: skip
def test_what_hosts_would_link_is_broken_up_and_looks_the_same(text):
    assert unlinked(text) != text
    assert unlinked(text).replace("\u200b", "") == text


def test_a_quick_action_of_gitlab_is_text():
    for line in ("/close", "/assign @eve", "/label ~x"):
        assert not markdown(line).startswith("/")
        assert not re.search(r"(?m)^\s*/\w", markdown(line))
