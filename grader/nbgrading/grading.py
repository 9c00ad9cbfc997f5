"""The submissions of one `nbgrader autograde`, graded together when the first is asked for: torch is imported once.

Results are kept in the course folder. So the same command again grades what has changed, or was unproven.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import get_args

from grader.collect import Found
from grader.collecting.names import clean_name, unique_ids
from grader.fingerprint import content_digest
from grader.gradebook import Gradebook, GradebookError, Shelf, opened
from grader.paths import topics
from grader.results import Kind, Submission
from grader.run import GradingError, Options, Outcome, run

KEPT = ".gradkit"  # a folder in the course folder


class TroubleError(Exception):
    """The grader could not do its work for a submission; the message says why and what to do."""


@dataclass(frozen=True)
class Asked:
    """A topic of some students, as nbgrader collected them: submitted/<student>/<topic>/<topic>.ipynb."""

    course: Path
    submitted: Path
    topic: str
    students: tuple[str, ...]
    device: str
    jobs: int


@dataclass
class Grading:
    """What is graded in this process and not yet asked for: the outcome by topic, student and content."""

    outcomes: dict[tuple[str, ...], Submission | TroubleError] = field(default_factory=dict)

    def of(self, student: str, asked: Asked) -> Submission:
        """A student's result; the first question grades all of them."""
        key = _key(asked, _found(asked)[student])
        if key not in self.outcomes:
            self.outcomes |= _graded(asked)
        outcome = self.outcomes.pop(key)
        if isinstance(outcome, TroubleError):
            raise outcome
        return outcome


def _found(asked: Asked) -> dict[str, Found]:
    """All that each student handed in: a module may import another one of the same student, here as in grade.py."""
    names = asked.students
    ids = unique_ids(list(map(clean_name, names)), list(names))
    known = tuple(topics())
    return {name: Found(id, str(asked.submitted), name, known) for id, name in zip(ids, names, strict=True)}


def _key(asked: Asked, found: Found) -> tuple[str, ...]:
    return str(asked.submitted), asked.topic, found.name, content_digest(found.read())


def _graded(asked: Asked) -> Mapping[tuple[str, ...], Submission | TroubleError]:
    found = list(_found(asked).values())
    keys = [_key(asked, submission) for submission in found]
    options = Options([asked.topic], list(get_args(Kind)), asked.device, asked.jobs, hidden_from=(str(asked.course),))
    try:
        with opened(asked.course / KEPT / asked.topic) as book:
            outcome = run(found, options, book=book)
            return {key: _outcome(key, outcome, place, book) for place, key in enumerate(keys)}
    except (GradingError, GradebookError) as error:
        return dict.fromkeys(keys, TroubleError(str(error)))


def _outcome(key: Sequence[str], outcome: Outcome, place: int, book: Gradebook) -> Submission | TroubleError:
    """A submission with all its verdicts, or what is missing."""
    shelf = outcome.results.submissions
    assert isinstance(shelf, Shelf)
    submission = shelf[place]
    if submission.status == "unreadable":
        return TroubleError(submission.message)
    if book.known(shelf.entry, submission.id, key[-1]):
        return submission
    faults = [trouble for trouble in outcome.troubles if trouble.startswith(f"{submission.id}: ")]
    unproven = [f"{check.task} ({check.name})" for check in submission.checks if check.status == "unproven"]
    noise = f"the machine could not tell what these checks are worth: {', '.join(unproven)}"
    return TroubleError(f"{'; '.join(faults) or noise}. Nothing is given; the same command tries again.")
