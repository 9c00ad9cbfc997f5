"""ctrf.json: the Common Test Report Format, one report of the whole class; a submission is a suite."""

import json
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

from grader import __version__
from grader.reports.escape import plain
from grader.reports.whole import FileOfAll
from grader.reports.words import title, told
from grader.results import CheckResult, Results, Status, Submission

STATUSES: dict[Status, str] = {
    "passed": "passed",
    "failed": "failed",
    "error": "failed",
    "timeout": "failed",
    "not_started": "pending",
    "unproven": "other",
}
TOOL = json.dumps({"name": "gradkit", "version": __version__})


class Ctrf(FileOfAll):
    """The summary comes last, when all are counted."""

    head = f'{{"reportFormat": "CTRF", "specVersion": "0.0.0", "results": {{"tool": {TOOL}, "tests": [\n'
    between = ",\n"

    def __init__(self, results: Results, path: Path) -> None:
        super().__init__(results, path)
        self.counts: Counter[str] = Counter()
        self.points = {"points": 0.0, "max_points": 0.0}

    def add(self, submission: Submission) -> None:
        self.counts.update(check.status for check in submission.checks)
        self.counts["failed"] += submission.status == "unreadable"
        self.points["points"] += submission.points
        self.points["max_points"] += submission.max_points
        super().add(submission)

    def part(self, submission: Submission) -> str:
        id = plain(submission.id)
        tests = [_unreadable(submission)] if submission.status == "unreadable" else map(_test, submission.checks)
        return ",\n".join(json.dumps(test | {"suite": [id]}, ensure_ascii=False) for test in tests)

    def tail(self) -> str:
        start = round(1000 * datetime.fromisoformat(self.run.started.replace("Z", "+00:00")).timestamp())
        times = {"start": start, "stop": start + round(1000 * self.run.seconds)}
        counts = dict.fromkeys(("passed", "failed", "skipped", "pending", "other"), 0)
        for status, words in STATUSES.items():
            counts[words] += self.counts[status]
        summary = {"tests": self.counts.total(), **counts, "suites": len(self.parts), **times, "extra": self.points}
        return f'\n], "summary": {json.dumps(summary)}}}}}\n'


def begin(results: Results, out: Path) -> Ctrf:
    return Ctrf(results, out / "ctrf.json")


def _test(check: CheckResult) -> dict[str, Any]:
    shown = {"message": "\n".join(map(plain, told(check)))} if check.status != "passed" else {}
    return {
        "name": title(check),
        "status": STATUSES[check.status],
        "rawStatus": check.status,
        "duration": round(1000 * check.seconds),
        "tags": [check.kind, plain(check.topic)],
        "extra": {"points": check.points, "max_points": check.max_points},
        **shown,
    }


def _unreadable(submission: Submission) -> dict[str, Any]:
    message = plain(submission.message)
    return {"name": "the submission can be read", "status": "failed", "duration": 0, "message": message}
