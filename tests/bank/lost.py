"""Which checks each mistake of the bank loses, and how: lost.json, a line for each mistake.

    python tests/bank/lost.py [--topic T]…

grades the mistakes and writes the file anew. A line that changes says what a change of the tests has done: look at it.
"""

import argparse
import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

import bank
from bundles import bundled, own

from grader.paths import topics
from grader.results import Submission
from grader.run import Options, run

FILE = Path(__file__).resolve().with_name("lost.json")
Lost = Mapping[str, str]  # check to status


def recorded() -> dict[str, Lost]:
    """What is known of each mistake."""
    found: dict[str, Lost] = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}
    return found


def statuses(submission: Submission) -> Lost:
    """The checks that did not pass."""
    return {check.name: check.status for check in submission.checks if check.status != "passed"}


def graded(topic: str) -> Iterable[tuple[bank.Entry, Submission]]:
    """Every mistake of a topic, on the simulated accelerator."""
    bundles = bundled(bank.entries("mistakes", topic))
    outcome = run(bundles, Options([topic], ["correctness", "gpu"], device="sim", jobs=2))
    if outcome.troubles:
        sys.exit("\n".join(outcome.troubles))
    for bundle, submission in zip(bundles, outcome.results.submissions, strict=True):
        yield from ((entry, own(entry, submission)) for entry in bundle.entries)


def write(known: Mapping[str, Lost]) -> None:
    lines = [f"  {json.dumps(name)}: {json.dumps(known[name])}" for name in sorted(known)]
    FILE.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--topic", action="append", choices=topics())
    for topic in parser.parse_args().topic or topics():
        others = {name: checks for name, checks in recorded().items() if name.split(".")[1] != topic}
        write(others | {entry.name: statuses(submission) for entry, submission in graded(topic)})


if __name__ == "__main__":
    main()
