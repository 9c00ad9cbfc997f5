"""From results to what stands at a pull request: a table of the points, the details, notes beside the lines."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from grader.policy import Policy
from grader.pulls.event import Pull
from grader.pulls.hosts import Told
from grader.reports import feedback_md
from grader.reports.escape import markdown
from grader.reports.github import notes
from grader.reports.words import of
from grader.results import Run, Submission

LARGEST = 60_000  # bytes, where GitHub takes 65,535 characters of a comment and of each part of a check run
CUT = "\nThe rest did not fit here; your teachers have it all."
MOST_LEFT_OUT = 20
NOT_GRADED = (
    "The grader could not do its work, which is not your fault and says nothing of your code. Your teachers can see "
    "why; a push or a word to them starts it again."
)


def told_of(pull: Pull, submission: Submission, run: Run, policy: Policy | None, left_out: Mapping[str, str]) -> Told:
    """What its student may see of a submission."""
    visible = policy.visible(submission) if policy else submission
    total = f"{of(submission.points, submission.max_points)} points"
    return Told(
        title=total,
        conclusion=_conclusion(submission, policy),
        summary=fitted(_summary(pull, visible, total, left_out)),
        details=fitted(feedback_md.lines(visible, run)),
        notes=[note for note in notes(visible) if note.level != "notice"],  # what is not started, the table says
    )


def told_of_nothing(pull: Pull, left_out: Mapping[str, str]) -> Told:
    """Where there are no results: what was shown of an earlier commit must not look like this one's."""
    lines = [f"**Not graded** at {pull.commit[:10]}\n", NOT_GRADED, *_left_out(left_out)]
    return Told("could not be graded", "neutral", fitted(lines))


def fitted(lines: Iterable[str], most: int = LARGEST) -> str:
    """As many whole lines as a host takes, and a note where there are more."""
    kept: list[str] = []
    left = most - len(CUT.encode())
    for line in lines:
        left -= len(line.encode()) + 1
        if left < 0:
            return "\n".join([*kept, CUT])
        kept.append(line)
    return "\n".join(kept)


def _summary(pull: Pull, submission: Submission, total: str, left_out: Mapping[str, str]) -> Iterator[str]:
    yield f"**{total}** at {pull.commit[:10]}"
    if submission.message:
        yield f"\n{markdown(submission.message)}"
    yield from feedback_md.overview(submission)
    yield from _left_out(left_out)


def _left_out(left_out: Mapping[str, str]) -> Sequence[str]:
    """Files that were not taken, and why."""
    shown = list(left_out.items())[:MOST_LEFT_OUT]
    return ["\nNot taken:\n", *(f"- {markdown(name)}: {markdown(why)}" for name, why in shown)] if shown else []


def _conclusion(submission: Submission, policy: Policy | None) -> str:
    """In GitHub's words. Without a pass mark nothing but full points and nothing to grade are clear."""
    if submission.status == "unreadable":
        return "failure"
    passed = policy.grade(submission).passed if policy else None
    if passed is None:
        passed = all(check.status == "passed" for check in submission.checks)
        return "success" if passed and submission.checks else "neutral"
    return "success" if passed else "failure"
