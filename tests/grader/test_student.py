"""A check's view of a module: sessions that are opened, restarted and closed."""

import pytest

from grader.inprocess import InProcessChannel
from grader.student import Module, Student

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
