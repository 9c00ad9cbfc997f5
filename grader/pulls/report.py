"""`python -m grader.pulls.report RESULTS.json`: what a pull request earned, at the pull request.

The file comes from a machine on which a student's code ran: it is read by its schema and shown escaped. Which pull
request is meant, at which commit, and what was left out comes from the event and from fetch, never from that machine.
"""

import argparse
import json
import os
import stat
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote

from grader.course import NAME, read_course
from grader.paths import ROOT, topics
from grader.policy import Policy
from grader.pulls.connecting import environment, head_of, host_of
from grader.pulls.event import COMMIT, Pull, PullError, pull_of
from grader.pulls.hosts import Told
from grader.pulls.http import HttpError
from grader.pulls.telling import told_of, told_of_nothing
from grader.reports.escape import workflow
from grader.results import Results, ResultsError, Submission, read_results

LARGEST = 16 << 20  # bytes of a results.json with one submission
POSTED, TROUBLE = 0, 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Report; returns 1 when there was nothing to tell, or no way to tell it."""
    path = _parser().parse_args(arguments).results
    values = environment()
    try:
        pull = _graded(pull_of(values), values)
        told, trouble = _told(path, pull, _left_out(values))
        host = host_of(values)
        if (head := head_of(host, pull)) != pull.commit:
            print(f"{pull.id} is {'closed' if head is None else f'at {head} now'}: nothing is said of {pull.commit}")
            return POSTED
        host.tell(pull, told)
    except (PullError, HttpError, ValueError) as error:
        print(f"error: {workflow(str(error))}", file=sys.stderr)
        return TROUBLE
    print(f"{pull.id} of {pull.repository} at {pull.commit}: {told.title}")
    if trouble:
        print(f"error: {workflow(trouble)}", file=sys.stderr)
    return TROUBLE if trouble else POSTED


def graded_of(path: Path, pull: Pull) -> tuple[Results, Submission]:
    """The one submission of a run; ResultsError where the file is anything else."""
    try:
        found = os.lstat(path)
    except OSError as error:
        raise ResultsError(f"the job that grades left no results ({error.strerror}): look at its log") from error
    if not stat.S_ISREG(found.st_mode) or found.st_size > LARGEST:
        raise ResultsError("the job that grades left no regular file of a usual size as results")
    results = read_results(path)
    if list(results.ids) != [pull.id]:
        raise ResultsError(f"the results are not those of {pull.id} alone")
    return results, results.submissions[0]


def _told(path: Path, pull: Pull, left_out: Mapping[str, str]) -> tuple[Told, str]:
    """What to say, and what went wrong."""
    try:
        results, submission = graded_of(path, pull)
    except ResultsError as error:
        return told_of_nothing(pull, left_out), str(error)
    return told_of(pull, submission, results.run, _policy(), left_out), ""


def _policy() -> Policy | None:
    """The course's, for what students may see. Nothing here knows when a commit was handed in, so nothing is late."""
    path = ROOT / NAME
    return Policy(read_course(path, topics()), {}, datetime.now(UTC)) if path.exists() else None


def _graded(pull: Pull, values: Mapping[str, str]) -> Pull:
    """At the commit that was fetched, which may be newer than the event's."""
    commit = values.get("GRADED_COMMIT", "")
    if not COMMIT.fullmatch(commit):
        raise PullError("GRADED_COMMIT is no commit")
    return replace(pull, commit=commit)


def _left_out(values: Mapping[str, str]) -> dict[str, str]:
    found = json.loads(unquote(values.get("LEFT_OUT", "")) or "{}")
    if not isinstance(found, dict):
        raise PullError("LEFT_OUT is not what fetch wrote")
    return {str(name): str(why) for name, why in found.items()}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="grader.pulls.report", description="Show results at a pull request.")
    parser.add_argument("results", type=Path, metavar="RESULTS", help="results.json of one submission")
    return parser


if __name__ == "__main__":
    sys.exit(main())
