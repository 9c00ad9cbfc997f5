"""What a submission says reaches instructors as text: no command for a terminal, CI runner, browser or spreadsheet.

The naive reports of these tests are our own with the escaping taken out.
"""

import io
import re
import sys

import pytest
from rich.console import Console

from grader import progress
from grader.paths import BANK
from grader.reports import feedback_md, scores_csv, write_all
from grader.results import Results, Run, Submission

sys.path.insert(0, str(BANK))

import settings
from catalog import ATTACKS

IN_TEXT = {attack.slug: attack for attack in ATTACKS if attack.how == "in text"}
COMMANDS = {
    "ansi_log": ["\x1b[2J", "\x1b]0;", "\n::error", "\n##[group]", "\n::stop-commands", "\x9b31m"],
    "markup_feedback": ["<script>", "](https://", "![x](", "**all passed**", "\n=cmd|", " @inst"],
}
IDS = {  # and where it would be a command
    "\x1b[2J\x1b]0;passed\x07": (".md", "\x1b"),
    "[x](https://evil.example)<img src=x>": (".md", "](https://"),
    "<img src=x onerror=alert(1)>": (".md", "<img"),
    "=cmd|' /C calc'!A0": (".csv", "\n=cmd|"),
    "@SUM(1)": (".csv", "\n@SUM"),
    "::error file=grade.py::owned": ("log", "\n::error"),
    "##[group]owned": ("log", "\n##[group]"),
}
SHOWN = (".md", ".csv", ".html")  # the others are data: what they hold is text for whoever reads them


@pytest.fixture
def naive(monkeypatch):
    """Escaping that leaves everything as it is."""
    monkeypatch.setattr(feedback_md, "markdown", lambda text, longest=0: text)
    monkeypatch.setattr(scores_csv, "csv_cell", lambda text: text)
    monkeypatch.setattr(progress, "workflow", lambda text, longest=0: text)


def written(submission: Submission, folder) -> dict[str, str]:
    """All reports for readers by their ending, and the log of a run, each line after a line end."""
    run = Run.model_validate(settings.shipped(settings.FIRST, timed=False).run)
    paths = write_all(Results(run, [submission]), folder).paths
    texts = {path.suffix: "\n" + path.read_text(encoding="utf-8-sig") for path in paths if path.suffix in SHOWN}
    texts[".html"] = "".join(re.findall(r"<[^>]*>", texts[".html"]))  # what a browser takes for more than text
    log = io.StringIO()
    console = Console(file=log, width=500)
    watching = progress.Progress(1, console)
    watching.submission_started(submission.id)
    watching.submission_done(submission)
    return texts | {"log": "\n" + log.getvalue()}


def of(attack) -> Submission:
    return settings.shipped(settings.FIRST, timed=False)[attack]


def named(id: str) -> Submission:
    return of(settings.HONEST).model_copy(update={"id": id})


@pytest.mark.parametrize("slug", IN_TEXT)
def test_reports_show_a_message_as_text(slug, tmp_path):
    text = "".join(written(of(slug), tmp_path).values())
    assert [command for command in COMMANDS[slug] if command in text] == []
    assert "raised" in text


@pytest.mark.parametrize("slug", IN_TEXT)
def test_naive_reports_hand_every_command_on(naive, slug, tmp_path):
    text = "".join(written(of(slug), tmp_path).values())
    assert [command for command in COMMANDS[slug] if command not in text] == []


@pytest.mark.parametrize("slug", IN_TEXT)
def test_its_control_says_nothing_of_the_kind(naive, slug, tmp_path):
    text = "".join(written(of(settings.control(IN_TEXT[slug])), tmp_path).values())
    assert [command for command in COMMANDS[slug] if command in text] == []


@pytest.mark.parametrize("id", IDS)
def test_reports_show_an_id_as_text(id, tmp_path):
    place, command = IDS[id]
    assert command not in written(named(id), tmp_path)[place]


@pytest.mark.parametrize("id", IDS)
def test_naive_reports_hand_the_command_in_an_id_on(naive, id, tmp_path):
    place, command = IDS[id]
    assert command in written(named(id), tmp_path)[place]
