"""Each attack gains without its defense, or in a grader that has none: else its other tests would prove nothing."""

import ast
import sys

import pytest

from grader.confined import layers
from grader.paths import BANK

sys.path.insert(0, str(BANK))

import naive
import settings
import switches
from catalog import ATTACKS, GROUPS

CONFINED = [attack for attack in ATTACKS if attack.how == "confined"]
ELSEWHERE = [attack for attack in ATTACKS if attack.how not in ("confined", "in text")]


@pytest.mark.parametrize("attack", ELSEWHERE, ids=lambda attack: attack.slug)
def test_it_gains_in_a_naive_grader(attack):
    own, control = settings.naive(attack)
    assert own > control


@pytest.mark.parametrize("attack", CONFINED, ids=lambda attack: attack.slug)
def test_it_gains_without_its_defense(attack):
    run = settings.weakened(attack)
    own, control = run[attack.slug], run[settings.control(attack)]
    assert settings.points(own, attack.task) > settings.points(control, attack.task), settings.told(own, attack.task)


def test_every_attack_is_listed_once_and_says_what_stops_it():
    assert sorted(path.stem for path in (BANK / "attacks").glob("*.py")) == sorted(a.slug for a in ATTACKS)
    assert len(ATTACKS) == len({attack.slug for attack in ATTACKS})
    for attack in ATTACKS:
        assert "Stopped by: " in (ast.get_docstring(ast.parse(attack.path.read_bytes())) or ""), attack.slug


def test_every_group_has_attacks_in_two_guises():
    assert all(len(group) >= 2 for group in GROUPS)


def test_every_attack_has_a_switch():
    for attack in ATTACKS:
        assert attack.how != "confined" or attack.without or attack.off, attack.slug
        assert set(attack.off) <= set(switches.SWITCHES)
        assert set(attack.without) <= {*layers.ALL, *switches.RUN_SWITCHES}


def test_every_switch_is_used():
    used = {name for attack in ATTACKS for name in (*attack.off, *attack.without)}
    assert {*switches.SWITCHES, *switches.RUN_SWITCHES} <= used


def test_every_attack_and_naive_grader_know_each_other():
    known = {name.removeprefix("by_") for name in vars(naive) if name.startswith("by_")}
    assert {attack.how for attack in ELSEWHERE} == known


def test_security_md_names_every_attack():
    table = (BANK.parent.parent / "SECURITY.md").read_text(encoding="utf-8")
    assert [attack.slug for attack in ATTACKS if f"`{attack.slug}`" not in table] == []
