"""gradescope/<id>.json: what an autograder on Gradescope leaves as results/results.json.

No test is hidden, for a hidden one hides the student's total.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from grader.reports.each import FileForEach
from grader.reports.escape import plain
from grader.reports.words import STATUSES, by_topic, protection, title, told
from grader.results import CheckResult, Results, Run, Submission


def begin(results: Results, out: Path) -> FileForEach:
    return FileForEach(results, out, ".json", _lines, "gradescope")


def _lines(submission: Submission, run: Run) -> Iterator[str]:
    topics = enumerate(by_topic(submission).values(), start=1)
    tests = [_test(check, f"{i}.{k}") for i, checks in topics for k, check in enumerate(checks, start=1)]
    content = {
        "score": submission.points,
        "execution_time": round(submission.seconds),
        "output": _output(submission, run),
        "output_format": "text",
        "visibility": "visible",
        "tests": tests,
    }
    yield json.dumps(content, ensure_ascii=False)


def _test(check: CheckResult, number: str) -> dict[str, Any]:
    return {
        "score": check.points,
        "max_score": check.max_points,
        "status": "passed" if check.status == "passed" else "failed",
        "name": title(check),
        "number": number,
        "output": "\n".join(map(plain, [STATUSES[check.status], *told(check)])),
        "output_format": "text",
        "tags": [check.kind, plain(check.topic)],
        "visibility": "visible",
    }


def _output(submission: Submission, run: Run) -> str:
    unreadable = "The submission could not be read, so nothing in it was graded."
    lines = [submission.message, unreadable if submission.status == "unreadable" else "", protection(run)]
    return "\n".join(plain(line) for line in lines if line)
