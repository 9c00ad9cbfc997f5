import csv
import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from samples import ANY, check, run, submission

from grader import reports
from grader.reports import words, write_all
from grader.reports.escape import csv_cell, html, markdown, plain, workflow
from grader.results import Results, Submission

HOSTILE = [
    "[link](https://evil.example)",
    "![image](x)",
    "<script>alert(1)</script>",
    "<!-- hidden",
    "# heading",
    "1. item",
    "- item",
    "a | b | c",
    "`code`",
    "~~gone~~",
    "**bold** _soft_",
    "line\n\n# heading\n| a |\n|---|",
    "https://evil.example www.evil.example",
    "&lt;b&gt;",
    "    code",
    "$x$",
    "===",
    "a\n===",
    "> quote",
    "trailing \\",
]


def written(tmp_path: Path, *submissions: Submission, **changes: Any) -> dict[str, str]:
    done = write_all(Results(run=run(**changes), submissions=list(submissions)), tmp_path)
    assert not done.errors
    return {path.relative_to(tmp_path).as_posix(): path.read_bytes().decode() for path in done.paths}


def rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


def rendered(text: str) -> str:
    return str(MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(text))


def test_every_format_is_written(tmp_path: Path) -> None:
    each = [("classroom50", "json"), ("feedback", "html"), ("feedback", "md"), ("gradescope", "json")]
    whole = ["canvas.csv", "ctrf.json", "github_annotations.txt", "github_summary.md", "junit.xml"]
    whole += ["report.html", "scores.csv"]
    names = [f"{folder}/{name}.{end}" for folder, end in each for name in ("ann", "b_c")]
    assert sorted(written(tmp_path, submission("ann"), submission("b/c"))) == sorted(names + whole)


EXTRA = """
class Extra:
    def __init__(self, out):
        self.out, self.seen = out, []

    def add(self, submission):
        self.seen.append(submission.id)

    def finish(self):
        if self.seen == ["broken"]:
            raise OSError("the disk is full")
        return [self.out / "-".join(self.seen)]


def begin(results, out):
    return Extra(out)
"""


@pytest.fixture
def extra_format(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """One more module among the reports."""
    (tmp_path / "extra_format.py").write_text(EXTRA)
    monkeypatch.setattr(reports, "__path__", [*reports.__path__, str(tmp_path)])
    yield
    sys.modules.pop("grader.reports.extra_format", None)


@pytest.mark.usefixtures("extra_format")
def test_a_new_module_is_a_new_format(tmp_path: Path) -> None:
    assert "ann-bob" in [
        path.name for path in write_all(Results(run(), [submission("ann"), submission("bob")]), tmp_path).paths
    ]


@pytest.mark.usefixtures("extra_format")
def test_a_format_that_fails_is_named_and_the_others_are_written(tmp_path: Path) -> None:
    done = write_all(Results(run(), [submission("broken")]), tmp_path)
    assert done.errors == ["extra_format could not be written: the disk is full"]
    assert {"broken.md", "scores.csv", "junit.xml"} <= {path.name for path in done.paths}


def test_scores_have_a_row_a_student_and_a_column_a_topic(tmp_path: Path) -> None:
    ann = submission("ann", check(points=1.5), check(topic="mlp", points=1.0), check(topic="mlp", points=0.25))
    bob = submission("大海", status="unreadable", message="the folder is empty", max_points=6.0)
    text = written(tmp_path, ann, bob)["scores.csv"]
    assert text.startswith("\ufeff")
    assert rows(text) == [
        ["student", "status", "rnn", "mlp", "total", "out of", "message"],
        ["ann", "graded", "1.5", "1.25", "2.75", "6", ""],
        ["大海", "unreadable", "", "", "0", "6", "the folder is empty"],
    ]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", "\r=", "\t", "\r"])
def test_a_cell_is_never_a_formula(tmp_path: Path, start: str) -> None:
    name = f'{start}HYPERLINK("http://evil")'
    text = written(tmp_path, submission(name, message=name))["scores.csv"]
    assert rows(text)[1][0].startswith("'")
    assert rows(text)[1][-1].startswith("'")


def test_feedback_tells_all_that_a_student_may_know(tmp_path: Path) -> None:
    trace = {"launches": 12, "to_device": 0, "to_host": 1, "readbacks": 3, "cpu_ops": ["aten::add"]}
    ann = submission(
        "ann",
        check(points=2.0, message="unseen", hint="unseen"),
        check(name="loops", kind="speed", status="failed", message="slow", hint="batch", diagnosis="a loop"),
        check(task="cell", kind="gpu", status="timeout", measured={"trace": trace}),
        check(task="cell", kind="speed", status="unproven", measured={"ratio": 1.234, "limit": 3, "pairs": 15}),
        check(topic="mlp", task="forward", status="not_started"),
    )
    text = written(tmp_path, ann)["feedback/ann.md"]
    for part in (
        "# Feedback for ann\n",
        "**Total: 2 of 10 points**",
        "| rnn | 2 of 8 | 1 of 4 |",
        "| mlp | 0 of 2 | 0 of 1 |",
        "### unroll: 2 of 4 points",
        "- **passed**, 2 of 2: shape (correctness)",
        "- **failed**, 0 of 2: loops (speed)\n  - slow\n  - Diagnosis: a loop\n  - Hint: batch\n",
        "- **timeout (it took too long)**, 0 of 2: shape (gpu)",
        "  - On the accelerator: 12 launches, 0 copies to the device, 1 copies back, 3 read-backs",
        "  - Computed on the CPU: aten::add",
        "  - Speed: 1.23 times the CPU time of the reference; the limit is 3",
        "- **unproven (the machine could not tell; nothing is earned yet)**",
        "- **not started**",
        "Protection: landlock, seccomp; missing: network namespace. Device: sim.",
    ):
        assert part in text
    assert "unseen" not in text


def test_feedback_says_once_what_is_so_of_a_whole_topic(tmp_path: Path) -> None:
    absent = {"status": "not_started", "message": "rnn.py was not handed in", "hint": "unseen"}
    text = written(tmp_path, submission("ann", check(**absent), check(**absent, task="cell", kind="gpu")))[
        "feedback/ann.md"
    ]
    assert text.count("\n## rnn\n\n- **not started**, 0 of 4: all 2 checks\n  - rnn.py was not handed in\n") == 1
    assert "### " not in text
    assert "unseen" not in text


@pytest.mark.parametrize("other", [{"message": "b"}, {"status": "failed"}, {"diagnosis": "d"}])
def test_feedback_tells_checks_apart_of_which_not_all_is_the_same(tmp_path: Path, other: dict[str, Any]) -> None:
    said = {"status": "error", "message": "a"}
    text = written(tmp_path, submission("ann", check(**said), check(**{**said, **other})))["feedback/ann.md"]
    assert text.count(": shape (correctness)") == 2


def test_a_trace_that_lies_breaks_nothing(tmp_path: Path) -> None:
    for measured in (
        {"ratio": "fast", "trace": [1]},
        {"ratio": None, "limit": {}, "trace": {"launches": "1", "cpu_ops": {"a": 1}}},
        {"ratio": True, "trace": {"cpu_ops": [["<b>"], "|", None]}},
    ):
        text = written(tmp_path, submission("ann", check(measured=measured)))["feedback/ann.md"]
        assert "<b>" not in text
        assert "Speed" not in text


def test_a_file_is_written_again_only_when_something_has_changed(tmp_path: Path) -> None:
    def changed(*submissions: Submission, **changes: Any) -> set[str]:
        before = {path.name: path.stat().st_ino for path in (tmp_path / "feedback").glob("*.md")}
        written(tmp_path, *submissions, **changes)
        return {p.name for p in (tmp_path / "feedback").glob("*.md") if before.get(p.name) != p.stat().st_ino}

    ann, bob = submission("ann", check()), submission("bob", check())
    assert changed(ann, bob) == {"ann.md", "bob.md"}
    assert changed(ann, bob, started="2026-02-01T12:00:00Z") == set()
    assert changed(submission("ann", check(status="failed")), bob) == {"ann.md"}
    (tmp_path / "feedback" / "bob.md").unlink()
    (tmp_path / "feedback" / "ann.md").write_text("scribbled on")
    assert changed(submission("ann", check(status="failed")), bob) == {"ann.md", "bob.md"}
    assert changed(ann, bob, device="cuda") == {"ann.md", "bob.md"}
    (tmp_path / ".feedback.md.json").write_text("[")
    assert changed(ann, bob, device="cuda") == {"ann.md", "bob.md"}


def test_missing_protection_is_said(tmp_path: Path) -> None:
    bare = {"layers": [], "missing": ["landlock"]}
    text = written(tmp_path, submission("ann"), confinement=bare)["feedback/ann.md"]
    assert "UNSANDBOXED: submissions ran without protection; missing: landlock" in text


def test_an_unreadable_submission_says_why(tmp_path: Path) -> None:
    text = written(tmp_path, submission("ann", status="unreadable", message="the archive is encrypted"))
    assert "the archive is encrypted" in text["feedback/ann.md"]


@pytest.mark.parametrize("evil", HOSTILE)
def test_nothing_of_a_strangers_renders_in_feedback(tmp_path: Path, evil: str) -> None:
    def page(text: str) -> list[str]:
        broken = check(status="failed", message=text, diagnosis=text, hint=text, name=text, task=text, topic=text)
        texts = written(tmp_path, submission(text, broken, message=text))
        [content] = [
            content for path, content in texts.items() if path.startswith("feedback/") and path.endswith(".md")
        ]
        return re.findall(r"<[^>]+>", rendered(content))

    assert page(evil) == page("harmless")


@settings(max_examples=400)
@given(ANY)
def test_markdown_renders_as_the_text_itself(text: str) -> None:
    safe = markdown(text)
    assert "\n" not in safe
    shown = html(text).replace("&#x27;", "'")
    for before, after in (("{}", "<p>{}</p>\n"), ("- {} x", "<ul>\n<li>{} x</li>\n</ul>\n")):
        if before == "- {} x" and not shown:
            continue
        got = rendered(before.format(safe)).replace("\u200b", "")
        assert got == (after.format(shown.replace("\u200b", "")) if shown else "")


@pytest.mark.parametrize("text", ["@everyone", "#12", "http://e.x", "www.e.x", "a@b.c"])
def test_what_github_links_by_itself_is_broken_up(text: str) -> None:
    assert text not in markdown(text)
    assert markdown(text).replace("\u200b", "").replace("\\", "") == text


@pytest.mark.parametrize(
    "evil",
    ["\x1b[31mred", "\x1b]0;title\x07red", "\x1b]8;;http://x\x1b\\red", "\x9b31mred", "\x1bPq\x1b\\red", "\x1bcred"],
)
def test_terminal_sequences_disappear(evil: str) -> None:
    assert plain(evil) == "red"


@given(ANY)
def test_plain_is_one_printable_line(text: str) -> None:
    line = plain(text, 50)
    assert len(line) <= 50
    assert not re.search(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u2028\u2029\ud800-\udfff]", line)
    assert plain(line, 50) == line


@given(ANY | st.text(":#[]ab \n", max_size=20))
def test_no_line_is_a_workflow_command(text: str) -> None:
    line = workflow(text)
    assert "::" not in line
    assert "##" not in line


@given(ANY)
def test_csv_cells_read_back_as_text(text: str) -> None:
    cell = csv_cell(text)
    for part in cell.split(";"):  # the end of a cell where the comma is a decimal point
        assert not part.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert "\n" not in cell


def test_html_is_escaped() -> None:
    assert html("<a href='x' title=\"y\">&") == "&lt;a href=&#x27;x&#x27; title=&quot;y&quot;&gt;&amp;"


def test_long_text_is_cut() -> None:
    assert plain("x" * 10_000, 10) == "x" * 9 + "…"


def test_every_status_has_words() -> None:
    assert set(words.STATUSES) == {"passed", "failed", "error", "timeout", "not_started", "unproven"}
    assert words.points(12000.25) == "12000.25"
    assert words.points(10.0) == "10"
    assert words.points(0.0) == "0"
