"""The logic of speed checks, with clocks that the test controls."""

import itertools
import random
from dataclasses import dataclass, field

import pytest

from grader.speed import GIVE_UP, PAIRS, Race
from grader.student import Limits, Raised
from grader.verdicts import Broke, Failed, TimedOut, Unproven


@dataclass
class Subject:
    """A student or reference whose every request costs what `cost()` says."""

    cost: object
    value: object = 1
    measured: dict = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)
    clock: float = 0.0
    asked: list = field(default_factory=list)

    @property
    def channel(self):
        return self

    def cpu_seconds(self):
        return self.clock

    def load(self):
        pass

    def outcome(self, probe, *arguments):
        self.asked.append(arguments)
        spent = self.cost() if callable(self.cost) else self.cost
        if spent > self.limits.cpu:
            raise TimedOut("no answer", cpu=True)
        self.clock += spent
        return self.value

    def broken(self, raised):
        return Broke(raised.sentence())


def race(student, reference, limit=3.0, verify=lambda value, other: None):
    numbers = itertools.count()
    Race(student, reference)("probe", lambda: (next(numbers),), verify, limit=limit)
    return student.measured


def test_a_clear_case_takes_few_pairs():
    student, reference = Subject(0.011), Subject(0.01)
    assert race(student, reference)["pairs"] == PAIRS[0]
    assert student.measured["ratio"] == pytest.approx(1.1)


def test_twice_the_limit_fails():
    with pytest.raises(Failed, match=r"takes 6\.0 times"):
        race(Subject(0.06), Subject(0.01))


def test_a_near_case_takes_more_pairs():
    noise = random.Random(1)
    student = Subject(lambda: 0.028 * noise.uniform(0.97, 1.03))
    assert race(student, Subject(0.01))["pairs"] == PAIRS[-1]


def test_every_request_is_fresh_and_both_get_the_same():
    student, reference = Subject(0.01), Subject(0.01)
    race(student, reference)
    assert student.asked == reference.asked
    assert len(set(student.asked)) == len(student.asked)


def test_no_single_fast_request_decides():
    costs = itertools.cycle([0.06, 0.06, 0.06, 0.0001])
    with pytest.raises(Failed):
        race(Subject(lambda: next(costs)), Subject(0.01))


def test_every_timed_answer_is_verified():
    answers = itertools.count()

    def verify(value, other):
        if next(answers) == 3:
            raise Failed("wrong")

    with pytest.raises(Failed, match="wrong"):
        race(Subject(0.001), Subject(0.01), verify=verify)


def test_a_machine_that_can_not_tell_leaves_it_unproven():
    costs = itertools.cycle([0.01, 0.02])
    student_costs = itertools.cycle([0.03, 0.062])
    with pytest.raises(Unproven):
        race(Subject(lambda: next(student_costs)), Subject(lambda: next(costs)))


def test_noise_of_the_submission_alone_is_a_failure():
    costs = itertools.cycle([0.001, 0.08, 0.05])
    with pytest.raises(Failed):
        race(Subject(lambda: next(costs)), Subject(0.01))


def test_a_request_that_takes_far_too_long_is_stopped():
    with pytest.raises(Failed, match=f"more than {GIVE_UP * 3:.0f} times"):
        race(Subject(5.0), Subject(0.01))


def test_an_exception_is_the_submissions_fault():
    raised = Raised("ValueError", ["ValueError"], "no", 3, "x", "f", {})
    with pytest.raises(Broke, match="ValueError"):
        race(Subject(0.01, raised), Subject(0.01))
