"""A hostile submission gains nothing, harms nobody and leaves nothing behind, in each setting.

To gain is to earn more points for its task than its control: the same wrong answer without the cheat.
"""

import sys

import pytest

from grader.paths import BANK

sys.path.insert(0, str(BANK))

import settings
from catalog import ATTACKS

every_setting = pytest.mark.parametrize("setting", settings.SETTINGS)
every_attack = pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.slug)


@pytest.fixture(scope="module", autouse=True)
def begun():
    """All settings, side by side."""
    settings.begin()


@every_attack
@every_setting
def test_it_gains_nothing(setting, attack):
    own = settings.shipped(setting, attack.timed)[attack.slug]
    control = settings.shipped(settings.FIRST, attack.timed)[settings.control(attack)]
    assert settings.points(own, attack.task) <= settings.points(control, attack.task), settings.told(own, attack.task)
    assert settings.points(control, attack.task) < sum(c.max_points for c in control.checks if c.task == attack.task)


@every_attack
@every_setting
def test_the_other_tasks_keep_their_points(setting, attack):
    submission = settings.shipped(setting, attack.timed)[attack.slug]
    others = [check for check in submission.checks if check.task != attack.task]
    assert others
    assert all(check.status == "passed" for check in others), others


@every_attack
def test_so_do_those_of_its_control(attack):
    submission = settings.shipped(settings.FIRST, attack.timed)[settings.control(attack)]
    assert all(check.status == "passed" for check in submission.checks if check.task != attack.task)


@every_attack
@every_setting
def test_the_honest_submission_behind_it_gets_what_it_got_before(setting, attack):
    run = settings.shipped(setting, attack.timed)
    assert _facts(run[settings.behind(attack)]) == _facts(run[settings.HONEST])


def _facts(submission):
    """All that does not depend on the clock."""
    clocked = {"seconds": ..., "measured": ...}
    return [
        check.model_dump(exclude={"seconds"} if check.kind != "speed" else clocked.keys())
        for check in submission.checks
    ]


@pytest.mark.parametrize("timed", [False, True], ids=["values", "speed"])
@every_setting
def test_an_honest_submission_passes(setting, timed):
    assert all(check.status == "passed" for check in settings.shipped(setting, timed)[settings.HONEST].checks)


@pytest.mark.parametrize("timed", [False, True], ids=["values", "speed"])
@every_setting
def test_nothing_survives(setting, timed):
    run = settings.shipped(setting, timed)
    assert run[settings.HONEST]
    assert run.left == []


@every_setting
def test_the_layers_are_those_of_the_setting(setting):
    run = settings.shipped(setting, timed=False)
    assert run[settings.HONEST]
    names = {layer.split()[0] for layer in run.layers}
    assert {"landlock", "seccomp", "rlimits"} <= names
    assert "namespaces" not in names or setting in ("root", "user")
    assert "unprivileged" not in names or setting in settings.AS_ROOT
