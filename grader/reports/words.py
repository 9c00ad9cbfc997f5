"""What reports and the live view say alike: statuses in words, points, totals of topics, the protection."""

from grader.results import CheckResult, Results, Run, Status, Submission

STATUSES: dict[Status, str] = {
    "passed": "passed",
    "failed": "failed",
    "error": "error (the code broke)",
    "timeout": "timeout (it took too long)",
    "not_started": "not started",
    "unproven": "unproven (the machine could not tell; nothing is earned yet)",
}
NOTABLE: dict[Status, str] = {
    "error": "broke",
    "timeout": "timed out",
    "not_started": "not started",
    "unproven": "unproven",
}


def points(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def of(earned: float, most: float) -> str:
    return f"{points(earned)} of {points(most)}"


def by_topic(submission: Submission) -> dict[str, list[CheckResult]]:
    topics: dict[str, list[CheckResult]] = {}
    for check in submission.checks:
        topics.setdefault(check.topic, []).append(check)
    return topics


def by_task(checks: list[CheckResult]) -> dict[str, list[CheckResult]]:
    tasks: dict[str, list[CheckResult]] = {}
    for check in checks:
        tasks.setdefault(check.task, []).append(check)
    return tasks


def topic_points(submission: Submission) -> dict[str, float]:
    return {topic: sum(check.points for check in checks) for topic, checks in by_topic(submission).items()}


def all_topics(results: Results) -> list[str]:
    return list(dict.fromkeys(check.topic for submission in results.submissions for check in submission.checks))


def outcome(submission: Submission) -> str:
    """A submission's status in words, with what an instructor would look at."""
    if submission.status == "unreadable":
        return "unreadable"
    statuses = [check.status for check in submission.checks]
    counts = [f"{statuses.count(status)} {word}" for status, word in NOTABLE.items() if status in statuses]
    return ", ".join(["graded", *counts])


def protection(run: Run) -> str:
    """Which walls stood between the students' code and this machine."""
    layers, missing = run.confinement.layers, run.confinement.missing
    active = f"Protection: {', '.join(layers)}" if layers else "UNSANDBOXED: submissions ran without protection"
    return f"{active}; missing: {', '.join(missing)}" if missing else active
