"""Does any verdict change when the bank is graded again, with other inputs, on an idle and on a busy machine?

    python benchmarks/flakiness.py [--times 10] [--loaded 10] [--spinners 3] [--jobs 2] [--topic T]… [--speed]

Every mistake and alternative is graded so many times idle and so many times with processes spinning beside, each time
on fresh inputs; with `--speed` the slow examples and the speed checks, too. Prints every check whose status was not the
same each time, and the counts: verdicts, changed ones, unproven ones, and how often a mistake went through altogether.
"""

import argparse
import sys
import time
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "bank"), str(ROOT / "benchmarks")]

import bank
from bundles import Bundle, bundled, own
from speed_verdicts import spinning

from grader.collect import Collected
from grader.paths import topics
from grader.run import Options, run

Status = tuple[str, str, str]  # entry, task, check


@dataclass(frozen=True)
class Again:
    """An entry or a bundle of mistakes once more: another content, and so other inputs."""

    once: bank.Entry | Bundle
    number: int

    @property
    def id(self) -> str:
        return f"{self.once.id} {self.number}"

    def read(self) -> Collected:
        return Collected(self.id, {self.once.topic: self.once.source() + f"\n# {self.number}\n".encode()}, {})


def graded(topic: str, numbers: range, options: argparse.Namespace) -> dict[Status, Counter[str]]:
    """How often each check ended with each status; under an empty name, how often all of a mistake's checks passed."""
    right = [entry for kind in ("alternatives", *(["slow"] * options.speed)) for entry in bank.entries(kind, topic)]
    handed_in = [Again(o, n) for n in numbers for o in (*bundled(bank.entries("mistakes", topic)), *right)]
    kinds = ["correctness", "gpu", *(["speed"] * options.speed)]
    outcome = run(handed_in, Options([topic], kinds, jobs=options.jobs))
    if outcome.troubles:
        sys.exit("\n".join(outcome.troubles))
    found: dict[Status, Counter[str]] = defaultdict(Counter)
    for again, submission in zip(handed_in, outcome.results.submissions, strict=True):
        mistakes = again.once.entries if isinstance(again.once, Bundle) else ()
        names = {entry.task: entry.name for entry in mistakes}
        for check in submission.checks:
            found[names.get(check.task, again.once.id), check.task, check.name][check.status] += 1
        for entry in mistakes:
            if all(check.status == "passed" for check in own(entry, submission).checks):
                found[entry.name, entry.task, ""]["went through"] += 1
    return found


def of_topic(topic: str, options: argparse.Namespace) -> dict[Status, Counter[str]]:
    """The counts of a topic, idle and loaded together."""
    found: dict[Status, Counter[str]] = defaultdict(Counter)
    idle, loaded = range(options.times), range(options.times, options.times + options.loaded)
    for spinners, numbers in ((0, idle), (options.spinners, loaded)):
        if numbers:
            with spinning(spinners):
                for key, counts in graded(topic, numbers, options).items():
                    found[key] += counts
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=10)
    parser.add_argument("--loaded", type=int, default=10)
    parser.add_argument("--spinners", type=int, default=3)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--topic", action="append", choices=topics())
    parser.add_argument("--speed", action="store_true")
    options = parser.parse_args()
    total = Counter[str]()
    for topic in options.topic or topics():
        start = time.monotonic()
        found = of_topic(topic, options)
        changed = {key: counts for key, counts in found.items() if len(counts - Counter(unproven=10**9)) > 1}
        own = Counter(
            verdicts=sum(counts.total() for (_, _, check), counts in found.items() if check),
            changed=len(changed),
            unproven=sum(counts["unproven"] for counts in found.values()),
            through=sum(counts["went through"] for counts in found.values()),
        )
        print(f"{topic}: {dict(own)}, {time.monotonic() - start:.0f} s", flush=True)
        for key, counts in (changed | {key: counts for key, counts in found.items() if not key[-1]}).items():
            print(f"  {': '.join(key)}: {dict(counts)}")
        total.update(own)
    print(f"all: {dict(total)}, {options.times} times idle and {options.loaded} with {options.spinners} spinners")


if __name__ == "__main__":
    main()
