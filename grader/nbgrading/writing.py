"""Scores into nbgrader's tables: what is new is added, what has changed is changed, and what is of people stays.

Assignments, notebooks and cells go through nbgrader's calls. Its call for a submission takes 4 ms, and a class of a
thousand has thousands of them; so their rows, the same ones, are inserted together.
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from nbgrader.api import (
    Comment,
    Grade,
    GradeCell,
    MissingEntry,
    SolutionCell,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
    TaskCell,
    new_uuid,
)
from sqlalchemy import insert, select, update

from grader.nbgrading.cells import GradeCell as Cell
from grader.nbgrading.scores import Score, Scores
from grader.reports.words import points
from grader.results import ROUNDING

Rows = list[dict[str, Any]]


def write(gradebook: Any, scores: Scores) -> tuple[list[str], list[str]]:
    """All scores; returns the students who are new there, and what somebody should know."""
    topics: dict[str, list[Cell]] = {}
    for cell in scores.cells.values():
        topics.setdefault(cell.assignment, []).append(cell)
    notes = [note for topic, tasks in topics.items() for note in _declare(gradebook, topic, tasks)]
    new = _enroll(gradebook, scores.students)
    for topic in topics:
        notes += _Topic(gradebook, topic).write(scores)
    return new, notes


def _declare(gradebook: Any, topic: str, tasks: list[Cell]) -> Iterator[str]:
    """The assignment, its notebook and its grade cells. A cell that has no task any more keeps its scores."""
    gradebook.update_or_create_assignment(topic)
    gradebook.update_or_create_notebook(topic, topic)
    for task in tasks:
        before = _max_score(gradebook, task)
        gradebook.update_or_create_grade_cell(task.grade_id, topic, topic, max_score=task.max_score, cell_type="code")
        if before not in (None, task.max_score):
            yield f"{topic}/{task.grade_id} is worth {points(task.max_score)} points now, not {points(before)}"
    notebook = gradebook.find_notebook(topic, topic)
    by_hand = {cell.name for cell in notebook.solution_cells}  # questions that people grade
    for cell in notebook.grade_cells:
        if cell.cell_type == "code" and cell.name not in by_hand | {task.grade_id for task in tasks}:
            worth = points(cell.max_score)
            yield f"{topic}/{cell.name} is a grade cell of {worth} points but no task here; it stays as it is"


def _max_score(gradebook: Any, task: Cell) -> Any:
    try:
        return gradebook.find_grade_cell(task.grade_id, task.assignment, task.assignment).max_score
    except MissingEntry:
        return None


def _enroll(gradebook: Any, ids: Iterable[str]) -> list[str]:
    known = set(gradebook.db.scalars(select(Student.id)))
    new = [id for id in ids if id not in known]
    if new:
        gradebook.db.execute(insert(Student), [{"id": id} for id in new])
    return new


class _Topic:
    """An assignment and its submissions."""

    def __init__(self, gradebook: Any, name: str) -> None:
        self.db, self.name = gradebook.db, name
        self.assignment = gradebook.find_assignment(name)
        self.notebook = gradebook.find_notebook(name, name)

    def write(self, scores: Scores) -> list[str]:
        earned = {
            id: {task: score for (topic, task), score in all_topics.items() if topic == self.name}
            for id, all_topics in scores.students.items()
        }
        keys = self._submit([id for id, tasks in earned.items() if tasks], scores.submitted)
        self._complete(keys)
        return list(self._score(earned))

    def _submit(self, ids: list[str], submitted: Mapping[str, datetime]) -> dict[str, str]:
        """A submission for each, and when it was handed in; returns the keys of their rows."""
        times = {id: time.astimezone(UTC).replace(tzinfo=None) for id, time in submitted.items()}
        table = SubmittedAssignment
        query = select(table.student_id, table.id, table.timestamp).where(table.assignment_id == self.assignment.id)
        known = {id: (key, time) for id, key, time in self.db.execute(query)}
        new = {id: new_uuid() for id in ids if id not in known}
        own = {"assignment_id": self.assignment.id}
        self._insert(table, [{"id": new[id], **own, "student_id": id, "timestamp": times.get(id)} for id in new])
        for notebook in self.assignment.notebooks:
            self._hand_in(notebook, new.values())
        late = [id for id in ids if id in known and id in times and times[id] != known[id][1]]
        self._update(table, [{"id": known[id][0], "timestamp": times[id]} for id in late])
        return {id: new[id] if id in new else known[id][0] for id in ids}

    def _hand_in(self, notebook: Any, submissions: Iterable[str]) -> None:
        """The notebook in these submissions, its grades and comments still empty, as nbgrader's add_submission does."""
        keys = {submission: new_uuid() for submission in submissions}
        own = {"notebook_id": notebook.id}
        self._insert(SubmittedNotebook, [{"id": key, "assignment_id": of, **own} for of, key in keys.items()])
        for table, kinds in ((Grade, (GradeCell, TaskCell)), (Comment, (SolutionCell, TaskCell))):
            ids = [cell.id for cell in notebook._base_cells if isinstance(cell, kinds)]
            self._insert(table, [{"cell_id": id, "notebook_id": key} for key in keys.values() for id in ids])

    def _complete(self, keys: Mapping[str, str]) -> None:
        """Submissions from before this notebook or one of its grade cells have no row for it."""
        table = SubmittedNotebook
        query = select(table.assignment_id, table.id).where(table.notebook_id == self.notebook.id)
        found = dict(self.db.execute(query).all())
        self._hand_in(self.notebook, [key for key in keys.values() if key not in found])
        cells = [cell.id for cell in self.notebook.grade_cells]
        there = set(self.db.execute(select(Grade.notebook_id, Grade.cell_id).where(Grade.cell_id.in_(cells))).all())
        pairs = [(found[key], cell) for key in keys.values() if key in found for cell in cells]
        self._insert(Grade, [{"notebook_id": k, "cell_id": c} for k, c in pairs if (k, c) not in there])

    def _score(self, earned: Mapping[str, Mapping[str, Score]]) -> Iterator[str]:
        """The automatic scores. If ours changes where a person has scored, somebody has to look, as in nbgrader."""
        changed = []
        for key, id, task, auto, manual, unsettled in self.db.execute(self._grades()):
            score = earned.get(id, {}).get(task)
            if score is None or (manual is not None and _same(auto, score)):
                continue
            review = not score.proven or manual is not None
            if (auto, unsettled) != (score.points, review):
                changed.append({"id": key, "auto_score": score.points, "needs_manual_grade": review})
            if review:
                yield f"{id} needs a look at {self.name}/{task}: {_reason(auto, manual, score)}"
        self._update(Grade, changed)

    def _grades(self) -> Any:
        """Every grade of the notebook's grade cells."""
        columns = Grade.auto_score, Grade.manual_score, Grade.needs_manual_grade
        query = select(Grade.id, SubmittedAssignment.student_id, GradeCell.name, *columns)
        joined = query.join(GradeCell, GradeCell.id == Grade.cell_id).join(Grade.notebook)
        return joined.join(SubmittedNotebook.assignment).where(SubmittedNotebook.notebook_id == self.notebook.id)

    def _insert(self, table: Any, rows: Rows) -> None:
        if rows:
            self.db.execute(insert(table), rows)

    def _update(self, table: Any, rows: Rows) -> None:
        if rows:
            self.db.execute(update(table), rows)


def _same(auto: float | None, score: Score) -> bool:
    return auto is not None and math.isclose(auto, score.points, rel_tol=0, abs_tol=ROUNDING)


def _reason(auto: float | None, manual: float | None, score: Score) -> str:
    if manual is None:
        return "a check is unproven, for the machine could not tell; grade again, or by hand"
    before = "none" if auto is None else points(auto)
    return f"the grader's score is {points(score.points)} now and was {before}; {points(manual)}, given by hand, stays"
