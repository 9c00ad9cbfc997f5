"""The hidden tests as a catalogue: points, names, kinds, marks."""

import ast
import math
from collections import defaultdict

import pytest

from grader.paths import EXERCISES, HIDDEN, SOLUTIONS, topics

KINDS = {"correctness", "gpu", "speed"}


def checks(topic):
    """(task, kind, points, test) of every declared check, read from the file's decorators."""
    tree = ast.parse((HIDDEN / f"test_{topic}.py").read_text(encoding="utf-8"))
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            (declared,) = [d for d in node.decorator_list if isinstance(d, ast.Call) and d.func.id in KINDS]
            given = {keyword.arg: keyword.value.value for keyword in declared.keywords}
            yield declared.args[0].value, declared.func.id, given["points"], node.name, given["hint"]


def tasks(topic):
    tree = ast.parse((SOLUTIONS / f"{topic}.py").read_text(encoding="utf-8"))
    return {n.name for n in tree.body if hasattr(n, "name") and not n.name.startswith("_")}


@pytest.mark.parametrize("topic", topics())
def test_a_topic_is_worth_ten_points(topic):
    assert math.fsum(points for _, _, points, _, _ in checks(topic)) == pytest.approx(10, abs=1e-9)
    assert all(points > 0 for _, _, points, _, _ in checks(topic))


@pytest.mark.parametrize("topic", topics())
def test_every_task_has_a_correctness_check(topic):
    kinds = defaultdict(set)
    for task, kind, *_ in checks(topic):
        kinds[task].add(kind)
    assert set(kinds) == tasks(topic)
    assert all("correctness" in found for found in kinds.values())
    assert {"gpu", "speed"} <= set().union(*kinds.values())


@pytest.mark.parametrize("topic", topics())
def test_names_are_unique_and_hints_are_sentences(topic):
    names = [name for *_, name, _ in checks(topic)]
    assert len(names) == len(set(names))
    assert all(hint.endswith(".") for *_, hint in checks(topic))


@pytest.mark.parametrize("topic", topics())
def test_public_tests_bear_the_mark_of_their_kind(topic):
    tree = ast.parse((EXERCISES / f"test_{topic}.py").read_text(encoding="utf-8"))
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            marks = {d.attr for call in node.decorator_list for d in ast.walk(call) if isinstance(d, ast.Attribute)}
            assert marks & KINDS, f"{topic}: {node.name}"
