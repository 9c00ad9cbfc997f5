"""What becomes of the bank: mistakes caught, named and kept to their task, alternatives and slow examples, by topic.

    python benchmarks/bank_figures.py [--topic T]… [--jobs 2] [--speed]

With `--speed` the speed checks run, too, for the alternatives and the slow examples.
"""

import argparse
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "bank")]

import bank

from grader.paths import topics
from grader.results import CheckResult
from grader.run import Options, run


def lost(topic: str, kind: str, jobs: int, speed: bool) -> list[tuple[bank.Entry, list[CheckResult]]]:
    """The checks that each entry of a kind does not pass."""
    entries = bank.entries(kind, topic)
    kinds = ["correctness", "gpu", *(["speed"] if speed and kind != "mistakes" else [])]
    graded = run(entries, Options([topic], kinds, jobs=jobs)).results.submissions
    return [
        (entry, [check for check in submission.checks if check.status != "passed"])
        for entry, submission in zip(entries, graded, strict=True)
    ]


def row(topic: str, jobs: int, speed: bool) -> list[int]:
    mistakes = lost(topic, "mistakes", jobs, speed)
    alternatives, slow = (lost(topic, kind, jobs, speed) for kind in ("alternatives", "slow"))
    own = [(entry, [c for c in checks if c.task == entry.task]) for entry, checks in mistakes]
    for entry, checks in mistakes:
        for check in checks:
            if check.task != entry.task:
                print(f"  {entry.name} loses {check.task}: {check.name}: {check.message}")
    for entry, checks in alternatives:
        for check in checks:
            print(f"  {entry.name} loses {check.task}: {check.name}: {check.message}")
    for entry, checks in own:
        if not any(check.diagnosis for check in checks):
            print(f"  {entry.name} has no diagnosis")
    return [
        len(mistakes),
        sum(bool(checks) for _, checks in own),
        sum(any(check.diagnosis for check in checks) for _, checks in own),
        sum(any(check.task != entry.task for check in checks) for entry, checks in mistakes),
        len(alternatives),
        sum(not checks for _, checks in alternatives),
        len(slow),
        sum([(c.task, c.kind) for c in checks] == [(entry.task, "speed")] for entry, checks in slow),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--topic", action="append", choices=topics())
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--speed", action="store_true")
    options = parser.parse_args()
    heads = ("mistakes", "caught", "diagnosed", "collateral", "alternatives", "kept", "slow", "told apart")
    print(f"{'':16}" + "".join(f"{head:>13}" for head in heads))
    rows, start = [], time.monotonic()
    for topic in options.topic or topics():
        rows.append(row(topic, options.jobs, options.speed))
        print(f"{topic:16}" + "".join(f"{count:13}" for count in rows[-1]), flush=True)
    print(f"{'all':16}" + "".join(f"{sum(counts):13}" for counts in zip(*rows, strict=True)))
    print(f"{time.monotonic() - start:.0f} s")


if __name__ == "__main__":
    main()
