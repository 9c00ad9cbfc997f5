"""Results made by hand, and by hypothesis: names and messages of every kind."""

import math
from typing import Any

from hypothesis import strategies as st

from grader.results import CheckResult, Run, Submission

ANY = st.text(st.characters(), max_size=60) | st.text("\\`*_{}[]()#+-.!|~<>&$@:/=1 \t\n\x1b", max_size=40)
STATUSES = ("passed", "failed", "error", "timeout", "not_started", "unproven")


def run(**changes: Any) -> Run:
    walls = {"layers": ["landlock", "seccomp"], "missing": ["network namespace"]}
    values = {"started": "2026-01-31T12:00:00Z", "seconds": 1.5, "confinement": walls, "device": "sim"}
    return Run.model_validate({**values, "versions": {}, "seed": "7", **changes})


def check(**changes: Any) -> CheckResult:
    values = {"topic": "rnn", "task": "unroll", "kind": "correctness", "name": "shape", "status": "passed"}
    return CheckResult.model_validate({**values, "points": 0.0, "max_points": 2.0, **changes})


def submission(id: str, *checks: CheckResult, **changes: Any) -> Submission:
    sums = {"points": sum(c.points for c in checks), "max_points": sum(c.max_points for c in checks)}
    return Submission.model_validate({"id": id, "status": "graded", **sums, "checks": list(checks), **changes})


def submissions(text: st.SearchStrategy[str] = ANY) -> st.SearchStrategy[list[Submission]]:
    """Classes of submissions in which every text may be anything; points have two decimals."""
    ids = st.lists(text, max_size=4, unique_by=lambda id: str(submission(id).id))
    return ids.flatmap(lambda ids: st.tuples(*(_submissions(id, text) for id in ids))).map(list)


def _submissions(id: str, text: st.SearchStrategy[str]) -> st.SearchStrategy[Submission]:
    graded = st.lists(_checks(text), max_size=6).map(lambda checks: _summed(id, checks))
    unreadable = text.map(lambda why: submission(id, status="unreadable", message=why, max_points=7.25))
    return graded | unreadable


def _summed(id: str, checks: list[CheckResult]) -> Submission:
    points, most = (math.fsum(getattr(check, key) for check in checks) for key in ("points", "max_points"))
    return submission(id, *checks, points=points, max_points=most)


def _checks(text: st.SearchStrategy[str]) -> st.SearchStrategy[CheckResult]:
    texts = dict.fromkeys(("topic", "task", "name", "message", "hint"), text)
    measures = {"cents": st.integers(0, 500), "seconds": st.floats(0, 100), "diagnosis": text | st.none()}
    kinds = {"kind": st.sampled_from(["correctness", "gpu", "speed"]), "status": st.sampled_from(STATUSES)}
    return st.fixed_dictionaries({**texts, **measures, **kinds}).map(_check)


def _check(values: dict[str, Any]) -> CheckResult:
    most = values.pop("cents") / 100
    return check(**values, max_points=most, points=most if values["status"] == "passed" else 0.0)
