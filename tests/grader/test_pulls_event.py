"""A hostile pull request from its event to what stands at it: every script of the workflows runs as it is written."""

import html
import json
import os
import re
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from fake_hosts import FakeHost, Fault, serving
from markdown_it import MarkdownIt
from workflows import Job, base, course, loaded, programs, run_job

from grader.collect import collect
from grader.kit.packing import CI
from grader.paths import ROOT, SOLUTIONS
from grader.pulls.hosts import MARK
from grader.results import read_results

KIT = ROOT / "grader" / "kit" / "ci"
NOTIFY = loaded(KIT / CI[".github/workflows/hidden-tests.yml"])
GRADE = loaded(ROOT / ".github" / "workflows" / "grade.yml")
COMMANDS = (
    "::set-output name=GRADE::forged", "::add-mask::points", "::error file=a.py::forged", "::stop-commands::forged",
    "##[error]forged", "::set-env name=PATH::/forged",
)  # fmt: skip
MARKUP = (
    "@everyone <img src=x onerror=alert(1)> [x](http://evil.example) ![i](//evil.example/i.png) #1 GH-2 "
    "www.evil.example | `code` **b**"
)
HOSTILE = """\
import os, sys

for line in {commands!r}:
    print(line)
    print(line, file=sys.stderr)
    for descriptor in (1, 2):
        try:
            os.write(descriptor, f"{{line}}\\n".encode())
        except OSError:
            pass
try:
    open({mark!r}, "a").write("strides.py")
except OSError:
    pass
{solution}

def row_major_strides(shape):
    raise ValueError("\\n" + {commands!r}[2] + "\\n" + {markup!r} + repr(dict(os.environ)))
"""
TOUCH = "open({mark!r}, 'a').write(__file__)\n"
FIXED = (SOLUTIONS / "strides.py").read_text(encoding="utf-8")


@dataclass
class Pull:
    """A repository of students with one pull request in it."""

    git: Path
    ran: Path  # is there once a file of the pull request ran outside the confinement

    def commit(self, **entries: tuple[str, bytes]) -> str:
        """A commit on top with these entries: mode and content, or the id of what is no file."""
        for name, (mode, data) in entries.items():
            sha = data.decode() if mode == "160000" else self._git("hash-object", "-w", "--stdin", data=data)
            self._git("update-index", "--add", "--cacheinfo", f"{mode},{sha},{name}")
        self._git(
            "commit", "--quiet", "--message", "::error::forged\n\n" + MARKUP, "--author", "::x:: <b@evil.example>"
        )
        return self._git("rev-parse", "HEAD")

    def _git(self, *arguments: str, data: bytes | None = None) -> str:
        names = {f"GIT_{role}_{part}": "ann" for role in ("AUTHOR", "COMMITTER") for part in ("NAME", "EMAIL")}
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.git), "GIT_CONFIG_NOSYSTEM": "1", **names}
        command = ["git", "-C", str(self.git), *arguments]
        return (
            subprocess.run(command, input=data, env=environment, check=True, capture_output=True)
            .stdout.decode()
            .strip()
        )

    def begin(self) -> None:
        subprocess.run(["git", "init", "--quiet", str(self.git)], check=True)
        self._git("config", "filter.evil.smudge", f"touch {self.ran}")


def hostile(pull: Pull) -> str:
    touch = TOUCH.format(mark=str(pull.ran)).encode()
    code = HOSTILE.format(commands=COMMANDS, mark=str(pull.ran), markup=MARKUP, solution=FIXED)
    names = ("conftest.py", "sitecustomize.py", "setup.py", "torch.py", "grader/__init__.py")
    beside = {f"{folder}{name}": ("100644", touch) for folder in ("", "exercises/") for name in names}
    workflow = f"on: pull_request_target\njobs: {{x: {{steps: [{{run: 'touch {pull.ran}'}}]}}}}\n".encode()
    return pull.commit(
        **beside,
        **{
            ".github/workflows/hidden-tests.yml": ("100644", workflow),
            ".gitattributes": ("100644", b"*.py filter=evil working-tree-encoding=UTF-16\n"),
            ".gitmodules": ("100644", b'[submodule "x"]\n\tpath = exercises/tensor_init.ipynb\n\turl = /etc\n'),
            "pytest.ini": ("100644", b"[pytest]\naddopts = -p evil\n"),
            "exercises/strides.py": ("100644", code.encode()),
            "exercises/strides.ipynb": ("100644", b"x" * (8 << 20) + b"x"),
            "exercises/tensor_init.py": ("120000", b"/etc/passwd"),
            "exercises/tensor_init.ipynb": ("160000", b"1" * 40),
            "exercises/::error::\n<b>strides.py": ("100755", touch),
            "exercises/strides.py\u202e": ("100644", touch),
        },
    )


@dataclass
class Story:
    """What happened, job by job."""

    host: FakeHost
    pull: Pull
    uses: dict
    variables: dict
    folder: Path
    notified: Job | None = None
    runs: list[dict[str, Job]] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)  # the app's, after each run

    def notify(self) -> Job:
        self.notified = self._job("notify")
        event = {"pull_request": {"number": 7, "head": {"sha": self.host.head}}}
        context = {
            "github": {"repository": "course/exercises", "event": event},
            "vars": {"GRADER_REPOSITORY": "course/grader"},
            "secrets": {"GRADER_TOKEN": "secret-notify"},
        }
        return run_job(NOTIFY, "ask", self.notified, context, {}, self.variables)

    def grade(self, inputs: dict, between=lambda: None) -> dict[str, Job]:
        """The three jobs, each on a machine of its own; only artifacts and outputs pass between them."""
        shutil.rmtree(self.folder / "artifacts", ignore_errors=True)
        jobs: dict[str, Job] = {}
        needs: dict = {}
        allowed = {"STUDENT_REPOSITORIES": "course/other\ncourse/exercises", "APP_CLIENT_ID": "Iv1.app"}
        for name in ("fetch", "grade", "report"):
            secrets = {"APP_PRIVATE_KEY": "secret-key"} if "environment" in GRADE["jobs"][name] else {}
            context = {"inputs": inputs, "vars": allowed, "secrets": secrets, "needs": needs}
            if name == "report":
                between()
            jobs[name] = run_job(GRADE, name, self._job(name), context, self.uses, self.variables)
            needs[name] = {"outputs": jobs[name].outputs}
            if needs["fetch"]["outputs"]["grade"] != "true":
                break
        self.runs.append(jobs)
        self.comments.append(
            "\n----\n".join(c["body"] for c in self.host.comments if c["user"]["login"] == self.host.bot)
        )
        return jobs

    def _job(self, name: str) -> Job:
        temporary = self.folder / f"{len(self.runs)}-{name}"
        temporary.mkdir()
        return Job(temporary, self.folder / "checkout")


def actions(folder: Path, tokens: list) -> dict:
    """The actions' part: an artifact is a copy, a token a word that names who may have it."""
    artifacts = folder / "artifacts"

    def upload(job: Job, inputs) -> dict:
        if Path(inputs["path"]).exists():
            shutil.copytree(inputs["path"], artifacts / inputs["name"])
        return {}

    def download(job: Job, inputs) -> dict:
        if (artifacts / inputs["name"]).exists():
            shutil.copytree(artifacts / inputs["name"], inputs["path"], symlinks=True)
        return {}

    def token(job: Job, inputs) -> dict:
        tokens.append(dict(inputs))
        assert inputs["private-key"] == "secret-key"
        return {"token": f"secret-{len(tokens)}", "app-slug": "gradkit-course"}

    return {"actions/checkout": lambda job, inputs: {}, "actions/upload-artifact": upload,
            "actions/download-artifact": download, "actions/create-github-app-token": token}  # fmt: skip


@pytest.fixture(scope="module")
def tokens():
    return []


@pytest.fixture(scope="module")
def story(tmp_path_factory, tokens):
    """A hostile commit, its repair, and a push while the repair is graded again."""
    folder = tmp_path_factory.mktemp("pull")
    course((folder / "checkout"), ROOT)
    pull = Pull(folder / "student", folder / "ran")
    pull.begin()
    with serving(FakeHost(pull.git)) as host:
        variables = base(programs(folder / "programs"), GITHUB_API_URL=host.url, GITHUB_ACTIONS="true")
        story = Story(host, pull, actions(folder, tokens), variables, folder)
        host.comment("eve", f"{MARK}\nI am the grader: 100 points")
        host.head = hostile(pull)
        story.notify()
        story.grade(host.dispatched[0][1]["inputs"])
        first = host.head
        host.head = pull.commit(**{"exercises/strides.py": ("100644", FIXED.encode())})
        host.faults.append(Fault("GET", "GET .*/pulls/7", 502))
        story.grade({"repository": "course/exercises", "number": "7", "commit": first})
        yield story


def test_the_notifier_tells_number_and_commit_and_nothing_else(story):
    assert story.notified.codes == {"Tell the grader": 0}
    inputs = {
        "repository": "course/exercises",
        "number": "7",
        "commit": story.host.dispatched[0][1]["inputs"]["commit"],
    }
    assert story.host.dispatched == [("course/grader", {"ref": "main", "inputs": inputs})]
    assert re.fullmatch("[0-9a-f]{40}", inputs["commit"])
    assert story.host.requests[0].token == "secret-notify"
    assert "secret" not in story.notified.log


def test_every_script_of_every_job_ran_and_ended_well(story):
    for jobs in story.runs:
        for name, job in jobs.items():
            scripts = [step["name"] for step in GRADE["jobs"][name]["steps"] if "run" in step]
            assert job.codes == dict.fromkeys(scripts, 0), (name, job.log)


def test_only_modules_of_topics_that_are_regular_files_are_taken_as_git_keeps_them(story):
    archive = story.runs[0]["fetch"].temporary / "submissions" / "pull-7.zip"
    [got] = collect(archive, ["strides", "tensor_init"])
    assert got.id == "pull-7"
    assert set(got.sources) == {"strides"}
    assert got.sources["strides"].decode() == HOSTILE.format(
        commands=COMMANDS, mark=str(story.pull.ran), markup=MARKUP, solution=FIXED
    )
    assert got.notes == ()


def test_what_was_left_out_is_named_with_the_reason(story):
    for text in ("symbolic link, which is not followed", "is a submodule", "is larger than 8.0 MiB"):
        assert text in story.comments[0]


def test_nothing_of_the_pull_request_ran_outside_the_confinement(story):
    assert not story.pull.ran.exists()


def test_the_grading_process_had_no_token_and_no_variable_but_three(story):
    for jobs in story.runs:
        [found] = jobs["grade"].venv.glob("python.environment.*")
        names = {line.partition("=")[0] for line in found.read_text(encoding="utf-8").splitlines()}
        assert names - {"PWD", "SHLVL", "_"} == {"PATH", "HOME", "LANG"}
        assert "secret" not in repr(jobs["grade"].environments)


def test_no_student_code_ran_where_a_token_was(story):
    for jobs in story.runs:
        for name in ("fetch", "report"):
            assert not list(jobs[name].temporary.rglob("grade.py"))
            assert "secret" in repr(jobs[name].environments)
            assert "secret" not in jobs[name].log
            assert "secret-key" not in repr(jobs[name].environments)


def test_each_token_may_do_what_its_job_needs_and_no_more(story, tokens):
    rights = [{k: v for k, v in one.items() if k.startswith("permission-")} for one in tokens]
    reads = {"permission-contents": "read", "permission-pull-requests": "read"}
    writes = {"permission-checks": "write", "permission-pull-requests": "write"}
    assert rights == [reads, writes] * len(story.runs)
    assert {(one["owner"], one["repositories"]) for one in tokens} == {("course", "exercises")}


def test_no_log_holds_a_command_of_the_student(story):
    for jobs in story.runs:
        for name, job in jobs.items():
            commands = [line for line in job.log.splitlines() if line.lstrip().startswith(("::", "##["))]
            own = [line for line in commands if re.fullmatch("(::stop-commands)?::[0-9a-f]{32}(::)?", line)]
            assert commands == own, name
            assert "forged" not in job.log


def rendered(text: str) -> str:
    return MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough", "linkify"]).render(text)


def test_what_is_shown_of_hostile_text_is_inert(story):
    check = story.host.checks[0]
    assert "everyone" in check["output"]["text"], "the student's own message is shown to them"
    for text in (check["output"]["summary"], check["output"]["text"], story.comments[0]):
        page = rendered(text.replace(MARK, ""))
        tags = {"h1", "h2", "h3", "p", "strong", "em", "ul", "li", "hr", "table", "thead", "tbody", "tr", "th", "td"}
        assert set(re.findall(r"<(\w+)", page)) <= tags
        shown = html.unescape(re.sub("<[^>]+>", "", page))
        assert not re.search(r"(?<![\w`])[@#]\w|GH-\d|://|www\.", shown)
        assert not [line for line in text.splitlines() if line.startswith(("/", "::"))]
    for note in check["output"]["annotations"]:
        assert not re.search(r"[\n\r\x1b]|@\w|GH-\d|://", note["message"] + note["title"])


def test_the_check_run_tells_points_and_stands_beside_the_students_line(story):
    check = story.host.checks[0]
    results = read_results(story.runs[0]["grade"].temporary / "results" / "results.json")
    [submission] = results.submissions
    assert 0 < submission.points < submission.max_points
    assert check["name"] == "gradkit"
    assert check["head_sha"] == story.host.dispatched[0][1]["inputs"]["commit"]
    assert (check["status"], check["conclusion"], check["external_id"]) == ("completed", "neutral", "pull-7")
    assert check["output"]["title"] == f"{submission.points:g} of {submission.max_points:g} points"
    broken = next(n for n in check["output"]["annotations"] if "ValueError" in n["message"])
    lines = HOSTILE.format(commands=COMMANDS, mark=str(story.pull.ran), markup=MARKUP, solution=FIXED).splitlines()
    assert broken["path"] == "exercises/strides.py"
    assert "raise ValueError" in lines[broken["start_line"] - 1]
    assert broken["annotation_level"] == "failure"


def test_the_policy_says_what_students_see(story):
    results = read_results(story.runs[0]["grade"].temporary / "results" / "results.json")
    hints = {check.hint for check in results.submissions[0].checks if check.hint and check.status != "passed"}
    assert hints
    shown = json.dumps([story.host.checks[0], story.comments[0]])
    assert not [hint for hint in hints if hint in shown]
    assert "Hint:" not in shown


def test_there_is_one_comment_which_the_next_run_updates(story):
    assert [c["user"]["login"] for c in story.host.comments] == ["eve", "gradkit-course[bot]"]
    assert story.host.comments[0]["body"].endswith("I am the grader: 100 points")
    first, second = story.comments[:2]
    assert first.startswith(MARK)
    assert second.startswith(MARK)
    assert "| strides | 10 of 10 |" in second
    assert "| strides | 10 of 10 |" not in first
    assert [r.method for r in story.host.written() if "comments" in r.path] == ["POST", "PATCH"]


def test_the_newest_commit_is_graded_whatever_commit_the_event_names(story):
    old, new = (check["head_sha"] for check in story.host.checks[:2])
    assert old != new
    assert f"has moved on from {old} to {new}" in story.runs[1]["fetch"].log


def reported(story, results: Path | None, head: str | None = None) -> Job:
    """The job that reports once more, after these results and with the pull request at this commit."""
    shutil.rmtree(story.folder / "artifacts", ignore_errors=True)
    if results:
        shutil.copytree(results, story.folder / "artifacts" / "results", symlinks=True)
    needs = {"fetch": {"outputs": story.runs[1]["fetch"].outputs}}
    inputs = {"repository": "course/exercises", "number": "7", "commit": story.host.head}
    context = {"inputs": inputs, "vars": {"STUDENT_REPOSITORIES": "course/exercises"}, "needs": needs,
               "secrets": {"APP_PRIVATE_KEY": "secret-key"}}  # fmt: skip
    before, story.host.head = story.host.head, head or story.host.head
    temporary = story.folder / f"again-{len(list(story.folder.glob('again-*')))}"
    temporary.mkdir()
    uses = actions(story.folder, [])
    try:
        return run_job(GRADE, "report", Job(temporary, story.folder / "checkout"), context, uses, story.variables)
    finally:
        story.host.head = before


def test_results_of_a_commit_that_is_no_longer_the_head_are_not_shown(story):
    checks, comments = len(story.host.checks), json.dumps(story.host.comments)
    job = reported(story, story.runs[1]["grade"].temporary / "results", head="a" * 40)
    assert set(job.codes.values()) == {0}
    assert "nothing is said of" in job.log
    assert (len(story.host.checks), json.dumps(story.host.comments)) == (checks, comments)


@pytest.mark.parametrize("what", ["nothing", "no JSON", "another's", "a link", "two", "forged"])
def test_whatever_the_grading_machine_leaves_the_student_reads_that_nothing_was_graded(story, tmp_path, what):
    """It may have been taken over, so its files are judged and never trusted."""
    good = json.loads((story.runs[1]["grade"].temporary / "results" / "results.json").read_text(encoding="utf-8"))
    folder = tmp_path / "results"
    folder.mkdir()
    if what == "another's":
        good["submissions"][0]["id"] = "pull-8"
    if what == "two":
        good["submissions"] *= 2
    if what == "forged":
        good["submissions"][0]["points"] = 1e6
    if what == "a link":
        (tmp_path / "elsewhere.json").write_text(json.dumps(good), encoding="utf-8")
        (folder / "results.json").symlink_to(tmp_path / "elsewhere.json")
    elif what != "nothing":
        text = "{" if what == "no JSON" else json.dumps(good)
        (folder / "results.json").write_text(text, encoding="utf-8")
    job = reported(story, None if what == "nothing" else folder)
    assert job.codes["Report at the pull request"] == 1
    assert "error: " in job.log
    check = story.host.checks[-1]
    assert (check["conclusion"], check["output"]["title"]) == ("neutral", "could not be graded")
    assert "not your fault" in story.host.comments[-1]["body"]
    assert len(story.host.comments) == 2


def test_a_closed_pull_request_is_not_graded(story):
    story.host.state = "closed"
    try:
        jobs = story.grade({"repository": "course/exercises", "number": "7", "commit": story.host.head})
    finally:
        story.host.state = "open"
        story.runs.pop(), story.comments.pop()
    assert set(jobs) == {"fetch"}
    assert "is closed: nothing is graded" in jobs["fetch"].log


@pytest.mark.parametrize(
    "changes",
    [
        {"repository": "course/grader"},
        {"repository": "course/exercises\ncourse/other"},
        {"repository": "../exercises"},
        {"number": "7; touch ran"},
        {"number": "7\n"},
        {"number": "-7"},
        {"commit": "main"},
        {"commit": "$(touch ran)"},
        {"commit": "a" * 41},
    ],
)
def test_an_event_that_names_something_else_ends_before_any_token_is_made(story, changes, tmp_path, tokens):
    made, asked = len(tokens), len(story.host.requests)
    inputs = {"repository": "course/exercises", "number": "7", "commit": story.host.head, **changes}
    context = {"inputs": inputs, "vars": {"STUDENT_REPOSITORIES": "course/exercises"}, "secrets": {}}
    job = Job(tmp_path, story.folder / "checkout")
    run_job(GRADE, "fetch", job, context, story.uses, story.variables)
    assert job.codes["Check what the event names"] == 1
    assert "error: " in job.log
    assert (len(tokens), len(story.host.requests)) == (made, asked)
    assert not (story.folder / "checkout" / "ran").exists()


def test_the_notifier_refuses_what_is_no_number_or_commit(story, tmp_path):
    for number, sha in (("7", "main"), ("x", "a" * 40), ("7", '"' + "a" * 39)):
        event = {"pull_request": {"number": number, "head": {"sha": sha}}}
        context = {"github": {"repository": "course/exercises", "event": event}, "secrets": {"GRADER_TOKEN": "t"}}
        asked = len(story.host.requests)
        job = Job(tmp_path, tmp_path)
        run_job(NOTIFY, "ask", job, context, {}, story.variables)
        assert job.codes == {"Tell the grader": 1}
        assert len(story.host.requests) == asked
