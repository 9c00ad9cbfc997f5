"""The student's own lines beside a check: which ones, which is marked, and how a page shows them."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_html import EVIL, Page, pages
from test_reports import check, submission

from grader import excerpts
from grader.excerpts import AROUND, MOST, WIDEST, attach, excerpt, marked
from grader.reports import feedback_html
from grader.reports.escape import plain
from grader.reports.feedback_html import lines_of
from grader.reports.measures import Code, code_of

SOURCE = """import torch

HALF = 0.5


def helper(x):
    return x.nope


def double(x):
    # twice
    y = helper(x)

    return (
        y
    )


class Net:
    def double(self):
        pass
"""
LINES = SOURCE.splitlines()
BYTES = SOURCE.encode()


def attached(message, status="error", source=BYTES, task="double"):
    """What the check has measured."""
    outcome = {"status": status, "message": message, "measured": {"ratio": 2.0}}
    attach([{"topic": "rnn", "task": task}], [outcome], {"rnn": source, "cnn": b"first\nsecond\n"})
    assert outcome["measured"]["ratio"] == 2.0
    return outcome["measured"].get("code")


def test_the_line_that_broke_is_marked_among_its_neighbors():
    code = attached("`double` raised AttributeError in line 7 (`return x.nope`): no attribute")
    assert (code["first"], code["mark"]) == (3, 7)
    assert code["text"].splitlines() == LINES[2 : 7 + AROUND]
    code = attached("`double` raised NameError in line 10 (`def double(x):`): x")
    assert (code["first"], code["text"].splitlines()[0]) == (6, "def helper(x):")


def test_a_line_of_another_topic_is_shown_from_there():
    code = attached("`double` raised ValueError in line 2 of cnn.py (`second`): bad")
    assert code == {"first": 1, "mark": 2, "text": "first\nsecond"}


def test_a_line_of_a_cell_is_found_by_its_text():
    notebook = b"# cell 1\nimport torch\n\n\n# cell 2\ndef double(x):\n    return x.nope\n"
    code = attached("`double` raised AttributeError in line 2 of cell 2 (`return x.nope`): no", source=notebook)
    assert code["mark"] == 7


def test_a_wrong_answer_shows_its_task_to_the_end():
    code = attached("the result is wrong", "failed")
    assert code["mark"] is None
    assert code["first"] == 10
    assert code["text"].splitlines() == LINES[9:16]
    assert attached("wrong", "failed", task="Net")["text"].splitlines() == LINES[18:21]
    assert attached("wrong", "failed", task="HALF")["text"] == "HALF = 0.5"


def test_a_long_task_and_a_long_line_are_cut():
    source = "def double(x):\n    x = 1  # " + "y" * 300 + "\n    x += 1" * 50 + "\ny = 2\n"
    lines = attached("wrong", "failed", source=source.encode())["text"].splitlines()
    assert len(lines) == MOST
    assert max(map(len, lines)) == WIDEST


def test_the_definition_that_counts_is_the_last():
    assert attached("wrong", "failed", source=b"def double(x):\n    1\n\ndouble = 2\n")["text"] == "double = 2"


@pytest.mark.parametrize(
    ("status", "source", "task"),
    [
        ("not_started", BYTES, "double"),
        ("unproven", BYTES, "double"),
        ("passed", BYTES, "double"),
        ("failed", b"", "double"),
        ("failed", BYTES, "(.*)+"),
    ],
)
def test_what_has_no_lines_shows_none(status, source, task):
    assert attached("wrong", status, source, task) is None


@given(st.lists(st.text(max_size=300), max_size=40), st.text(max_size=9), st.integers(0, 50), st.text(max_size=9))
def test_an_excerpt_is_small_whatever_was_handed_in(lines, task, number, text):
    mark = marked(lines, number, text)
    found = excerpt(lines, task, mark)
    assert mark is None or mark < len(lines)
    assert found is None or len(found["text"]) <= 201 * max(MOST, 2 * AROUND + 1)


def shown(tmp_path, code, **changes):
    told = check(status="error", message="in line 2 (`b`)", measured={"code": code}, **changes)
    return pages(tmp_path, submission("ann", told))["feedback/ann.html"]


def test_a_page_marks_the_line_and_keeps_indents(tmp_path):
    page = shown(tmp_path, {"first": 1, "mark": 2, "text": "def f():\n    b\n\tc"})
    assert '<span class="at">1</span><span>def f():</span>' in page.source
    assert '<span class="row marked"><span class="at">2 →</span><span>    b</span>' in page.source
    assert "<span>    c</span>" in page.source
    assert page.source.count("marked") - page.source.count(".marked") == 1
    assert "Your line 2:" in page.text


@pytest.mark.parametrize("evil", EVIL)
def test_lines_of_strangers_are_text(tmp_path, evil):
    first_line = evil.split("\n")[0]
    harmless = shown(tmp_path, {"first": 1, "mark": None, "text": "harmless"})
    page = shown(tmp_path, {"first": 1, "mark": None, "text": first_line})
    assert page.shape == harmless.shape or not plain(first_line)


@pytest.mark.parametrize("code", [None, [], {"first": "1", "text": "a"}, {"first": 1, "text": 7}, {"first": 1}])
def test_lying_lines_are_left_out(tmp_path, code):
    assert code_of({"code": code}) is None
    assert "source" not in {a.get("class") for a in shown(tmp_path, code).all("pre")}


def test_lines_that_several_checks_are_about_are_shown_once(tmp_path):
    code = {"first": 1, "mark": None, "text": "a"}
    told = [check(name=str(k), status="failed", measured={"code": code}) for k in range(3)]
    page: Page = pages(tmp_path, submission("ann", *told))["feedback/ann.html"]
    assert len([a for a in page.all("pre") if a.get("class") == "source"]) == 1


def test_a_mark_outside_the_lines_marks_none():
    assert [line.is_marked for line in lines_of(Code(3, 9, "a\nb"))] == [False, False]


def test_a_graded_submission_brings_its_lines(graded, checks_of):
    source = "def row_major_strides(shape):\n    return shape[99]\n"
    [one] = graded({"ann": {"strides": source}}).results.submissions
    codes = [check.measured.get("code") for check in checks_of(one, "row_major_strides")]
    assert {"first": 1, "mark": 2, "text": source.rstrip()} in codes
    assert [check.measured for check in checks_of(one, "flat_view") if "code" in check.measured] == []


def test_a_form_feed_ends_no_line():
    outcome = {"status": "error", "message": "`f` raised NameError in line 3 (`return y`): y", "measured": {}}
    attach([{"topic": "t", "task": "f"}], [outcome], {"t": b"x = 1\n\x0cdef f():\n    return y\n"})
    assert outcome["measured"]["code"]["mark"] == 3


@pytest.mark.parametrize("place", [excerpts.PLACE, feedback_html.PLACE])
def test_a_message_full_of_places_is_read_in_a_moment(place):
    start = time.process_time()
    assert place.search("in line 1 (`" * 20_000) is None
    assert time.process_time() - start < 5
