"""feedback/<id>.md: what a student reads."""

from collections.abc import Iterator
from pathlib import Path

from grader.policy import Grade, policy_of
from grader.reports.each import FileForEach
from grader.reports.escape import markdown
from grader.reports.measures import Measured, counts_of, cpu_ops_of, speed_of
from grader.reports.words import (
    STATUSES,
    by_task,
    by_topic,
    details,
    final_words,
    grade_words,
    of,
    protection,
    said_once,
)
from grader.results import CheckResult, Results, Run, Submission


def begin(results: Results, out: Path) -> FileForEach:
    policy = policy_of(results)

    def graded(submission: Submission, run: Run) -> Iterator[str]:
        return lines(submission, run, policy.grade(submission) if policy else None)

    return FileForEach(results, out, ".md", graded)


def lines(submission: Submission, run: Run, grade: Grade | None = None) -> Iterator[str]:
    """The page, line by line."""
    yield f"# Feedback for {markdown(submission.id)}"
    yield f"\n**Total: {of(submission.points, submission.max_points)} points**"
    if grade:
        yield from _grade(grade)
    if submission.message:
        yield f"\n{markdown(submission.message)}"
    if submission.status == "unreadable":
        yield "\nThe submission could not be read, so nothing in it was graded."
    yield from overview(submission)
    for topic, checks in by_topic(submission).items():
        yield f"\n## {markdown(topic)}"
        yield from _topic(said_once(checks))
    yield f"\n---\n\n{markdown(protection(run))}. Device: {markdown(run.device)}. Graded {markdown(run.started)}."


def _grade(grade: Grade) -> Iterator[str]:
    final = final_words(grade)
    if said := [*([f"**{final}**"] if final else []), *grade_words(grade)]:
        yield f"\n{', '.join(said)}"


def overview(submission: Submission) -> Iterator[str]:
    """The table of topics."""
    topics = by_topic(submission)
    if not topics:
        return
    yield "\n| Topic | Points | Checks passed |\n|---|---:|---:|"
    for topic, checks in topics.items():
        passed = sum(check.status == "passed" for check in checks)
        yield f"| {markdown(topic)} | {_sum(checks)} | {passed} of {len(checks)} |"


def _topic(checks: list[CheckResult]) -> Iterator[str]:
    for task, own in by_task(checks).items():
        yield f"\n### {markdown(task)}: {_sum(own)} points\n" if task else ""
        for check in own:
            yield from _check(check)


def _check(check: CheckResult) -> Iterator[str]:
    earned = of(check.points, check.max_points)
    kind = f" ({check.kind})" if check.task else ""
    yield f"- **{STATUSES[check.status]}**, {earned}: {markdown(check.name)}{kind}"
    yield from (f"  - {label}{markdown(text)}" for label, text in details(check))
    yield from (f"  - {line}" for line in _measured(check.measured))


def _measured(measured: Measured) -> Iterator[str]:
    if speed := speed_of(measured):
        yield f"Speed: {speed.sentence()}"
    if counts := counts_of(measured):
        yield f"On the accelerator: {', '.join(f'{count} {words}' for words, count in counts.items())}"
    if ops := cpu_ops_of(measured):
        yield f"Computed on the CPU: {markdown(ops, 200)}"


def _sum(checks: list[CheckResult]) -> str:
    return of(sum(check.points for check in checks), sum(check.max_points for check in checks))
