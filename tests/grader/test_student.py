"""A check's view of a module: sessions that are opened, restarted and closed."""

import contextlib

import pytest

from grader.inprocess import InProcessChannel
from grader.student import Module, Student
from grader.verdicts import Failed

COUNTER = b"""
calls = 0
def count():
    global calls
    calls += 1
    return calls
"""


@pytest.fixture
def student():
    subject = Student(InProcessChannel, Module("counting", {"counting": COUNTER}, {}), "count", 0, "cpu")
    yield subject
    subject.close()


def test_a_session_keeps_its_module(student):
    assert [student.call(), student.call()] == [1, 2]


def test_a_restarted_session_loads_the_module_anew(student):
    student.call()
    student.restart()
    assert student.call() == 1


@pytest.mark.parametrize(
    ("message", "names_it"),
    [
        ("low must be below high", True),
        ("`Low`, 3, is too large", True),
        ("min_low > high", True),
        ("not allowed", False),
    ],
)
def test_an_arguments_name_begins_where_no_letter_stands_before(message, names_it):
    source = f"def draw():\n    raise ValueError({message!r})\n".encode()
    subject = Student(InProcessChannel, Module("drawing", {"drawing": source}, {}), "draw", 0, "cpu")
    with (
        contextlib.closing(subject),
        contextlib.nullcontext() if names_it else pytest.raises(Failed, match="must name"),
    ):
        subject.refuses(naming=("low",))
