"""junit.xml: a suite a submission and a case a check, for Jenkins, GitLab and others.

The schema has properties for suites alone, so a case has its points in system-out, in the form that readers know.
"""

from collections.abc import Iterator
from pathlib import Path

from grader.reports.escape import xml
from grader.reports.whole import FileOfAll
from grader.reports.words import title, told
from grader.results import CheckResult, Results, Status, Submission

ELEMENTS: dict[Status, str] = {
    "failed": "failure",
    "error": "error",
    "timeout": "error",
    "not_started": "skipped",
    "unproven": "skipped",
}


class Junit(FileOfAll):
    head = '<?xml version="1.0" encoding="utf-8"?>\n<testsuites name="gradkit">\n'

    def part(self, submission: Submission) -> str:
        return "".join(f"{line}\n" for line in _suite(submission))

    def tail(self) -> str:
        return "</testsuites>\n"


def begin(results: Results, out: Path) -> Junit:
    return Junit(results, out / "junit.xml")


def _suite(submission: Submission) -> Iterator[str]:
    broken = submission.status == "unreadable"
    kinds = [ELEMENTS.get(check.status) for check in submission.checks] + ["error"] * broken
    counts = {"failures": kinds.count("failure"), "errors": kinds.count("error"), "skipped": kinds.count("skipped")}
    numbers = " ".join(f'{name}="{count}"' for name, count in counts.items())
    yield f'<testsuite name="{xml(submission.id)}" tests="{len(kinds)}" {numbers} time="{submission.seconds:.3f}">'
    yield f"<properties>{_property('points', submission.points)}{_property('max_points', submission.max_points)}"
    yield "</properties>"
    if broken:
        yield '<testcase classname="submission" name="can be read">'
        yield f'<error type="unreadable" message="{xml(submission.message)}"/></testcase>'
    yield from map(_case, submission.checks)
    yield "</testsuite>"


def _case(check: CheckResult) -> str:
    place = f'classname="{xml(check.topic)}.{xml(check.task)}" name="{xml(check.name)} ({check.kind})"'
    points = f"[[PROPERTY|points={check.points!r}]] [[PROPERTY|max_points={check.max_points!r}]]"
    end = f"<system-out>{points}</system-out></testcase>"
    return f'<testcase {place} time="{check.seconds:.3f}">{_verdict(check)}{end}'


def _verdict(check: CheckResult) -> str:
    if check.status == "passed":
        return ""
    shown = "\n".join(map(xml, told(check)))
    message = xml(check.message or title(check))
    element = ELEMENTS[check.status]
    return f'<{element} type="{check.status}" message="{message}">{shown}</{element}>'


def _property(name: str, value: float) -> str:
    return f'<property name="{name}" value="{value!r}"/>'
