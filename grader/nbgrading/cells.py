"""What nbgrader calls things: an assignment with one notebook for each topic, a grade cell for each task."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol


class Graded(Protocol):
    """A check, graded or still to run."""

    @property
    def topic(self) -> str: ...
    @property
    def task(self) -> str: ...
    @property
    def max_points(self) -> float: ...


@dataclass(frozen=True)
class GradeCell:
    """A locked cell whose points nbgrader keeps: those of all checks of a task."""

    assignment: str  # the topic; its notebook has the same name
    grade_id: str  # the task
    max_score: float


def grade_cells(checks: Iterable[Graded]) -> list[GradeCell]:
    """The grade cells for these checks, tasks in the order in which they come."""
    tasks: dict[tuple[str, str], list[float]] = {}
    for check in checks:
        tasks.setdefault((check.topic, check.task), []).append(check.max_points)
    return [GradeCell(topic, task, math.fsum(points)) for (topic, task), points in tasks.items()]
