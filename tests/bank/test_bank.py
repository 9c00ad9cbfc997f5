"""The tests are tested: every mistake loses a check of its task and no other, every alternative keeps ten points."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

import bank
from bundles import bundled, own
from lost import recorded, statuses

from grader.devices import choose
from grader.paths import topics
from grader.run import Options, run

DIAGNOSED = 0.9
COUNTS = {"mistakes": 12, "alternatives": 6}


@pytest.fixture(scope="module", params=topics())
def topic(request):
    return request.param


@pytest.fixture(scope="module")
def bundles(topic):
    """(bundle, submission) of every bundle of a topic's mistakes.

    Without speed checks: each mistake has the solution's.
    """
    return _graded(topic, bundled(bank.entries("mistakes", topic)), ["correctness", "gpu"])


@pytest.fixture(scope="module")
def graded(topic, bundles):
    """(entry, submission) of every entry of a topic; a mistake's submission holds the checks of its own task."""
    right = [entry for kind in ("alternatives", "slow") for entry in bank.entries(kind, topic)]
    return [
        *((entry, own(entry, submission)) for bundle, submission in bundles for entry in bundle.entries),
        *_graded(topic, right, ["correctness", "gpu", "speed"]),
    ]


def _graded(topic, handed_in, kinds):
    outcome = run(handed_in, Options([topic], kinds, seed="bank"))
    assert not outcome.troubles
    return list(zip(handed_in, outcome.results.submissions, strict=True))


def of_kind(graded, kind):
    return [(entry, submission) for entry, submission in graded if entry.kind == kind]


def lost(submission):
    return [check for check in submission.checks if check.status != "passed"]


def shown(submission):
    return [f"{c.task}: {c.name}: {c.status}: {c.message} {c.measured}" for c in lost(submission)]


@pytest.mark.parametrize("kind", COUNTS)
def test_the_bank_is_large_enough(graded, kind):
    assert len(of_kind(graded, kind)) >= COUNTS[kind]


def test_every_mistake_loses_its_own_checks_only(graded, bundles):
    for entry, submission in of_kind(graded, "mistakes"):
        assert lost(submission), f"{entry.name} was not caught"
    for bundle, submission in bundles:
        names = [entry.name for entry in bundle.entries]
        assert {check.task for check in lost(submission)} == bundle.tasks, (names, shown(submission))


def test_every_mistake_loses_the_checks_that_it_is_known_to_lose(topic, graded):
    """On CUDA an answer can be an error that is only wrong on the simulated accelerator, or the other way round."""
    view = set if choose("auto") == "cuda" else dict
    found = {entry.name: view(statuses(submission)) for entry, submission in of_kind(graded, "mistakes")}
    known = {name: view(checks) for name, checks in recorded().items() if name.split(".")[1] == topic}
    changed = {name: (known.get(name), found.get(name)) for name in known | found if known.get(name) != found.get(name)}
    assert not changed, f"known and found: {changed}; if this is meant: python tests/bank/lost.py --topic {topic}"


def test_mistakes_are_named(graded):
    found = of_kind(graded, "mistakes")
    unnamed = [entry.name for entry, submission in found if not any(check.diagnosis for check in lost(submission))]
    assert len(unnamed) <= (1 - DIAGNOSED) * len(found), unnamed


def test_every_alternative_keeps_ten_points(graded):
    for entry, submission in of_kind(graded, "alternatives"):
        assert submission.points == pytest.approx(10), (entry.name, shown(submission))


def test_slow_examples_lose_their_speed_check_only(graded):
    for entry, submission in of_kind(graded, "slow"):
        assert [(c.task, c.kind) for c in lost(submission)] == [(entry.task, "speed")], (entry.name, shown(submission))


def test_every_speed_check_has_a_slow_example_three_times_off(graded):
    """The slow example takes three times as long as the reference, and the limit lies between, near to neither."""
    timed = {check.task for _, submission in graded for check in submission.checks if check.kind == "speed"}
    slow = of_kind(graded, "slow")
    assert {entry.task for entry, _ in slow} == timed
    for entry, submission in slow:
        (check,) = [c for c in submission.checks if c.kind == "speed" and c.task == entry.task]
        ratio = check.measured.get("ratio") or check.measured["at_least"]
        assert ratio >= 3, (entry.name, check.measured)
        assert 1.5 <= check.measured["limit"] <= ratio / 1.25, (entry.name, check.measured)


def test_names_and_sentences(graded):
    tasks = {check.task for _, submission in graded for check in submission.checks}
    for entry, _ in graded:
        assert entry.sentence, entry.name
        if entry.kind != "alternatives":
            assert entry.task in tasks, f"{entry.name}: the file name must begin with its task"
