"""The summary and the annotations, read back as GitHub's renderer and its runner would."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from markdown_it import MarkdownIt
from samples import ANY, STATUSES, check, run, submission

from grader.reports import github
from grader.reports.escape import annotation, workflow
from grader.results import Results, Submission

COMMANDS = {"error", "warning", "notice", "debug", "group", "endgroup", "add-mask", "stop-commands", "set-output"}
PROPERTY = {"%0D": "\r", "%0A": "\n", "%3A": ":", "%2C": ",", "%25": "%"}
DATA = {"%0D": "\r", "%0A": "\n", "%25": "%"}


def unescaped(text: str, mappings: dict[str, str]) -> str:
    for escape, character in mappings.items():
        text = text.replace(escape, character)
    return text


def read_by_runner(line: str) -> tuple[str, dict[str, str], str] | None:
    """A command of a log's line, as the runner finds it: (name, properties, message)."""
    line = line.lstrip()
    head, found, data = line[2:].partition("::") if line.startswith("::") else ("", "", "")
    name, _, listed = head.partition(" ")
    if not found or name not in COMMANDS:
        return None
    pairs = (pair.partition("=") for pair in listed.strip().split(",") if pair)
    return name, {key: unescaped(value, PROPERTY) for key, _, value in pairs if value}, unescaped(data, DATA)


def written(out: Path, *submitted: Submission) -> tuple[list[tuple[str, dict[str, str], str]], str]:
    """What the runner makes of the annotations, and the summary."""
    report = github.begin(Results(run(), list(submitted)), out)
    for one in submitted:
        report.add(one)
    annotations, summary = report.finish()
    commands = [read_by_runner(line) for line in annotations.read_bytes().decode().splitlines()]
    assert None not in commands
    return [command for command in commands if command], summary.read_bytes().decode()


def test_a_file_that_cannot_be_loaded_is_annotated_once(tmp_path: Path) -> None:
    broke = {"topic": "strides", "status": "error", "message": "strides.py can't be loaded: SyntaxError in line 3"}
    checks = [check(**broke, name=name) for name in ("a", "b", "c")]
    [(_, properties, _)], _ = written(tmp_path, submission("ann", *checks))
    assert properties == {"file": "exercises/strides.py", "line": "3", "title": "strides: all 3 checks"}


def test_each_check_without_its_points_is_annotated(tmp_path: Path) -> None:
    checks = [check(topic="strides", task="view", name=s, status=s, message="no", hint="h") for s in STATUSES]
    commands, _ = written(tmp_path, submission("ann", *checks))
    assert [(command, properties["title"]) for command, properties, _ in commands] == [
        ("error", "strides: view: failed"),
        ("error", "strides: view: error"),
        ("error", "strides: view: timeout"),
        ("notice", "strides: view: not_started"),
        ("warning", "strides: view: unproven"),
    ]
    assert {properties["file"] for _, properties, _ in commands} == {"exercises/strides.py"}
    assert {message for _, _, message in commands} == {"no; Hint: h"}


@pytest.mark.parametrize(
    ("message", "file", "line"),
    [
        ("`view` raised ValueError in line 7 (`raise ValueError`): bad", "exercises/strides.py", "7"),
        ("strides.py can't be loaded: SyntaxError in line 12: invalid syntax", "exercises/strides.py", "12"),
        ("`view` raised KeyError in line 3 of modules.py (`d[k]`): 'k'", "exercises/modules.py", "3"),
        ("`view` raised KeyError in line 3 of passwd.py: 'k'", "exercises/strides.py", None),
        ("`view` raised KeyError in line 3 of cell 2 (`d[k]`): 'k'", "exercises/strides.py", None),
        ("`view` raised KeyError in line 3 of cell 2 of modules.ipynb: 'k'", "exercises/modules.py", None),
        ("`view` raised KeyError in line 99999999: 'k'", "exercises/strides.py", None),
        ("the result is wrong", "exercises/strides.py", None),
    ],
)
def test_an_annotation_stands_beside_the_line_that_its_message_names(
    message: str, file: str, line: str | None, tmp_path: Path
) -> None:
    broken = check(topic="strides", status="error", message=message)
    commands, _ = written(tmp_path, submission("ann", broken, check(topic="modules")))
    [(_, properties, _)] = commands
    assert (properties["file"], properties.get("line")) == (file, line)


def test_a_topic_beside_the_readme_is_annotated_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "strides.py").touch()
    monkeypatch.chdir(tmp_path)
    [(_, properties, _)], _ = written(tmp_path, submission("ann", check(topic="strides", status="failed")))
    assert properties["file"] == "strides.py"


def test_ten_annotations_of_a_kind_are_all_that_github_shows(tmp_path: Path) -> None:
    checks = [check(name=f"{s} {k}", status=s) for k in range(12) for s in ("failed", "unproven", "passed")]
    commands, _ = written(tmp_path, submission("ann", *checks))
    assert [command for command, _, _ in commands].count("error") == 10
    assert [command for command, _, _ in commands].count("warning") == 10
    assert len(commands) == 20


@given(ANY, ANY)
def test_a_line_is_one_command_with_the_text_in_it(message: str, title: str) -> None:
    line = annotation("error", message, file="strides.py", line=3, title=f"t {title}")
    assert len(line.splitlines()) == 1
    assert "##[" not in line
    command, properties, data = read_by_runner(line) or ("", {}, "")
    assert (command, properties["file"], properties["line"]) == ("error", "strides.py", "3")
    assert set(properties) == {"file", "line", "title"}
    assert read_by_runner(data) is None
    assert (properties["title"], data) == (workflow(f"t {title}"), workflow(message))


@settings(max_examples=200)
@given(ANY)
def test_percent_colon_and_comma_come_back(text: str) -> None:
    line = annotation("error", f"%0A{text}%25", title="a%0A:b,c%")
    _, properties, data = read_by_runner(line) or ("", {}, "")
    assert properties == {"title": "a%0A:b,c%"}
    assert data == workflow(f"%0A{text}%25")


def test_one_submission_is_told_in_full_and_a_class_as_a_table(tmp_path: Path) -> None:
    ann = submission("ann", check(points=2.0), check(name="b", status="failed", message="no", hint="look"))
    commands, summary = written(tmp_path, ann)
    assert "**Total: 2 of 4 points**" in summary
    assert "  - Hint: look\n" in summary
    assert len(commands) == 1
    eve = submission("eve", status="unreadable", message="empty", max_points=4.0)
    commands, summary = written(tmp_path, ann, eve)
    assert "| ann | 2 of 4 | graded |\n| eve | 0 of 4 | unreadable |\n" in summary
    assert commands == []


@settings(max_examples=60, deadline=None)
@given(ANY)
def test_no_name_changes_the_table(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    out = tmp_path_factory.mktemp("out")
    _, summary = written(out, submission(name, check(points=2.0)), submission("the other", check()))
    page = MarkdownIt("commonmark").enable(["table"]).render(summary)
    assert page.count("<tr>") == 3
    assert page.count("<td") == 6
    assert set(re.findall(r"</?(\w+)", page)) == {"h1", "p", "table", "thead", "tbody", "tr", "th", "td"}
    assert re.findall(r"<td[^>]*>(\d+) of (\d+)</td>", page) == [("2", "2"), ("0", "2")]


@pytest.mark.parametrize("count", [1, 30_000])
def test_a_summary_is_cut_with_a_note_where_github_would_refuse_it(count: int, tmp_path: Path) -> None:
    checks = [check(name="大海 " * 20, status="failed", message=f"{k:04} {'x' * 1900}") for k in range(1_000 // count)]
    class_ = [submission(f"student {k} {'大' * 20}", *checks) for k in range(count)]
    _, summary = written(tmp_path, *class_)
    assert len(summary.encode()) <= 1 << 20
    assert len(summary.encode()) > 1_000_000
    assert summary.endswith("stands in the files of the results.")
