"""Declaring a hidden test as a check: its task, kind, points and hint.

@correctness("band", points=1.0, hint="Compare row and column numbers by broadcasting.")
def test_band_values(student, fresh): ...
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

KINDS = ("correctness", "gpu", "speed")

_Test = Callable[..., None]


@dataclass(frozen=True)
class Check:
    """One graded item of a task."""

    task: str
    kind: str
    points: float
    hint: str


def correctness(task: str, *, points: float, hint: str) -> Callable[[_Test], _Test]:
    """A check of values, shapes, errors, flags."""
    return _declare(Check(task, "correctness", points, hint))


def gpu(task: str, *, points: float, hint: str) -> Callable[[_Test], _Test]:
    """A check of what a task does on an accelerator."""
    return _declare(Check(task, "gpu", points, hint))


def speed(task: str, *, points: float, hint: str) -> Callable[[_Test], _Test]:
    """A check of CPU time against the reference."""
    return _declare(Check(task, "speed", points, hint))


def _declare(check: Check) -> Callable[[_Test], _Test]:
    def mark(test: _Test) -> _Test:
        marked: _Test = pytest.mark.check(check)(getattr(pytest.mark, check.kind)(test))
        return marked

    return mark


def check_of(item: pytest.Item) -> Check | None:
    """The check that a collected test declares."""
    marker = item.get_closest_marker("check")
    return marker.args[0] if marker else None


def name_of(item: pytest.Item, check: Check) -> str:
    """The check's name in words: the test's name without its task."""
    task = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", check.task).lower()
    return item.name.removeprefix("test_").removeprefix(f"{task}_").replace("_", " ")


def topic_of(item: Any) -> str:
    """The topic of a test, from its file's name."""
    stem: str = item.path.stem
    return stem.removeprefix("test_")
