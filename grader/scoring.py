"""Points for outcomes. A check earns its points when it passed; everything else earns nothing."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from grader.results import CheckResult, Submission

Outcome = Mapping[str, Any]


def score(
    id: str, checks: Sequence[Outcome], outcomes: Sequence[Outcome], seconds: float, notes: Sequence[str] = ()
) -> Submission:
    """A graded submission from the checks that were to run and their outcomes, in the same order."""
    results = [scored(check, outcome) for check, outcome in zip(checks, outcomes, strict=True)]
    points = math.fsum(result.points for result in results)
    return Submission(
        id=id,
        status="graded",
        message="; ".join(notes),
        points=points,
        max_points=_total(checks),
        seconds=round(seconds, 3),
        checks=results,
    )


def unreadable(id: str, checks: Sequence[Outcome], message: str) -> Submission:
    """A submission that could not be graded, with the reason."""
    return Submission(id=id, status="unreadable", message=message, points=0.0, max_points=_total(checks))


def scored(check: Outcome, outcome: Outcome) -> CheckResult:
    """One check with its points."""
    passed = outcome["status"] == "passed"
    kept = {key: outcome[key] for key in ("status", "message", "diagnosis", "seconds", "measured")}
    return CheckResult(**check, **kept, points=check["max_points"] if passed else 0.0)


def _total(checks: Sequence[Outcome]) -> float:
    return math.fsum(check["max_points"] for check in checks)
