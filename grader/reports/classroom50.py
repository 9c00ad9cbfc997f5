"""classroom50/<id>.json: what an autograder of Classroom 50 leaves as result.json, schema classroom50/result/v1.

Scores there are integers, so they count hundredths of a point: that is exact for points of two decimals, and a check
that passed always scores its maximum. Rounding to whole points would make a check of 0.4 points worth nothing.
"""

import json
import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from grader.reports.each import FileForEach
from grader.reports.words import title
from grader.results import CheckResult, Results, Run, Submission

SCHEMA = "classroom50/result/v1"
SCALE = 100
TAG = "submit/"  # begins the name of every submission
VARIABLES = {  # set by the runner, which also stamps owner and assignment_type
    "classroom": "CLASSROOM",
    "assignment": "ASSIGNMENT",
    "submission": "SUBMISSION_TAG",
    "commit": "COMMIT_URL",
    "release": "RELEASE_URL",
}


def begin(results: Results, out: Path) -> FileForEach:
    known = {key: os.environ.get(variable) or "unknown" for key, variable in VARIABLES.items()}
    if not known["submission"].startswith(TAG):
        known["submission"] = f"{TAG}{known['submission']}"
    known["review"] = os.environ.get("REVIEW_URL") or known["commit"]
    return FileForEach(results, out, ".json", partial(_lines, known), "classroom50", json.dumps(known))


def _lines(known: dict[str, str], submission: Submission, run: Run) -> Iterator[str]:
    tests = [_test(check) for check in submission.checks]
    content = {
        "schema": SCHEMA,
        **known,
        "datetime": run.started,
        "score": sum(test["score"] for test in tests),
        "max-score": sum(test["max-score"] for test in tests) if tests else round(SCALE * submission.max_points),
        "tests": tests,
    }
    yield json.dumps(content, ensure_ascii=False)


def _test(check: CheckResult) -> dict[str, Any]:
    most = round(SCALE * check.max_points)
    return {
        "test-name": title(check),
        "passed": check.status == "passed",
        "score": most if check.points == check.max_points else round(SCALE * check.points),
        "max-score": most,
    }
