"""Does any verdict change when the bank is graded again, with other inputs, on an idle and on a busy machine?

    python benchmarks/flakiness.py [--times 10] [--loaded 10] [--spinners 3] [--topic T]… [--speed]

Every mistake, alternative and slow example is graded so many times idle and so many times with processes spinning
beside, each time on fresh inputs; of a mistake the checks of its own task, of the others all. Prints every check whose
status was not the same each time, and the counts: verdicts, changed ones, unproven ones, and how often a mistake went
through altogether. Without `--speed` the checks for correctness and gpu alone.
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
from speed_verdicts import spinning

from grader import workers
from grader.collect import Collected
from grader.paths import topics
from grader.run import Options, run

TASK = "the_task"  # as if it were a topic: names the only task whose checks are run
START = f"""
import base64, sys; sys.path.insert(0, sys.argv[1])
from grader import worker

def start(setup, original=worker._start):
    found = original(setup)
    from grader import serving
    from grader.checks import check_of
    submission, settled = serving.Serving._submission, serving.Serving._settled

    def only(self, session, message):
        self.task = base64.b64decode(message["sources"].pop({TASK!r}, "")).decode()
        return submission(self, session, message)

    def settle(self, item, following):
        if self.task in ("", check_of(item).task):
            return settled(self, item, following)
        return dict(status="not_started", message="", diagnosis=None, seconds=0.0, measured={{}})

    serving.Serving._submission, serving.Serving._settled = only, settle
    return found

worker._start = start
sys.exit(worker.main())
"""
Status = tuple[str, str, str]  # entry, task, check


@dataclass(frozen=True)
class Again:
    """A bank entry once more: another content, and so other inputs."""

    entry: bank.Entry
    number: int

    @property
    def id(self) -> str:
        return f"{self.entry.name} {self.number}"

    def read(self) -> Collected:
        sources = {self.entry.topic: self.entry.source() + f"\n# {self.number}\n".encode()}
        return Collected(self.id, sources | ({TASK: self.entry.task.encode()} if self._is_mistake() else {}), {})

    def _is_mistake(self) -> bool:
        return self.entry.kind == "mistakes"


def graded(topic: str, kinds: list[str], entries: list[bank.Entry], numbers: range) -> dict[Status, Counter[str]]:
    """How often each check ended with each status; under an empty name, how often all of a mistake's checks passed."""
    handed_in = [Again(entry, number) for number in numbers for entry in entries]
    outcome = run(handed_in, Options([topic], kinds, jobs=2))
    if outcome.troubles:
        sys.exit("\n".join(outcome.troubles))
    found: dict[Status, Counter[str]] = defaultdict(Counter)
    for again, submission in zip(handed_in, outcome.results.submissions, strict=True):
        for check in submission.checks:
            if not (again._is_mistake() and check.task != again.entry.task):
                found[again.entry.name, check.task, check.name][check.status] += 1
        if again._is_mistake() and all(c.status == "passed" for c in submission.checks if c.task == again.entry.task):
            found[again.entry.name, again.entry.task, ""]["went through"] += 1
    return found


def of_topic(topic: str, options: argparse.Namespace) -> dict[Status, Counter[str]]:
    """The counts of a topic, idle and loaded together."""
    found: dict[Status, Counter[str]] = defaultdict(Counter)
    with_speed = ["correctness", "gpu", *(["speed"] if options.speed else [])]
    groups = {"mistakes": ["correctness", "gpu"], "alternatives": with_speed, "slow": with_speed}
    for spinners, numbers in (
        (0, range(options.times)),
        (options.spinners, range(options.times, options.times + options.loaded)),
    ):
        with spinning(spinners):
            for kind, kinds in groups.items():
                for key, counts in graded(topic, kinds, bank.entries(kind, topic), numbers).items():
                    found[key] += counts
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=10)
    parser.add_argument("--loaded", type=int, default=10)
    parser.add_argument("--spinners", type=int, default=3)
    parser.add_argument("--topic", action="append", choices=topics())
    parser.add_argument("--speed", action="store_true")
    options = parser.parse_args()
    workers.START = START
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
