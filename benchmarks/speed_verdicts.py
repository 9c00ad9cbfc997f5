"""Are the verdicts of speed checks the same on an idle and on a loaded machine?

    python benchmarks/speed_verdicts.py [--times 30] [--spinners 3] [--jobs 2]

Grades the speed checks of every solution, of every alternative in the bank (right) and of every slow example (wrong) so
many times, with so many processes spinning beside, and counts the verdicts that are wrong or unproven.
"""

import argparse
import contextlib
import multiprocessing
import sys
import time
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "bank")]

import bank

from grader.collect import Collected
from grader.paths import SOLUTIONS, topics
from grader.run import Options, run


@dataclass(frozen=True)
class Repeated:
    """A submission whose every check but `slow` ought to pass."""

    id: str
    topic: str
    source: bytes
    slow: str | None = None

    def read(self) -> Collected:
        return Collected(self.id, {self.topic: self.source}, {})


def submissions(topic: str, times: int) -> list[Repeated]:
    """The solution, the alternatives and the slow examples of a topic, so many times each."""
    found = [("solution", (SOLUTIONS / f"{topic}.py").read_bytes(), None)]
    found += [(entry.name, entry.source(), None) for entry in bank.entries("alternatives", topic)]
    found += [(entry.name, entry.source(), entry.task) for entry in bank.entries("slow", topic)]
    return [Repeated(f"{name} {k}", topic, source, slow) for k in range(times) for name, source, slow in found]


@contextlib.contextmanager
def spinning(count: int):
    """So many processes that do nothing but work."""
    processes = [multiprocessing.Process(target=_spin, daemon=True) for _ in range(count)]
    for process in processes:
        process.start()
    yield
    for process in processes:
        process.kill()


def _spin() -> None:
    while True:
        pass


def verdicts(topic: str, times: int, jobs: int) -> tuple[Counter[str], dict[str, list[float]]]:
    """Counts of right, wrong and unproven verdicts, and the ratios of each submission's checks."""
    handed_in = submissions(topic, times)
    outcome = run(handed_in, Options([topic], ["speed"], jobs=jobs))
    counts: Counter[str] = Counter()
    ratios = defaultdict(list)
    for expected, submission in zip(handed_in, outcome.results.submissions, strict=True):
        for check in submission.checks:
            wanted = "failed" if check.task == expected.slow else "passed"
            found = {wanted: "right", "unproven": "unproven"}.get(check.status, "wrong")
            counts[found] += 1
            if found != "right":
                print(f"  {expected.id}: {check.task}: {check.status}: {check.message} {check.measured}")
            name = f"{expected.id.rpartition(' ')[0]}: {check.task}"
            ratios[name].append(check.measured.get("ratio") or check.measured.get("at_least", 0.0))
    return counts, ratios


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=30)
    parser.add_argument("--spinners", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--topic", action="append", choices=topics())
    options = parser.parse_args()
    for topic in options.topic or topics():
        start = time.monotonic()
        with spinning(options.spinners):
            counts, ratios = verdicts(topic, options.times, options.jobs)
        seconds = time.monotonic() - start
        print(f"{topic}: {dict(counts)}, {options.times} times, {options.spinners} spinners, {seconds:.0f} s")
        for name, found in ratios.items():
            print(f"  {name:60} {min(found):6.2f} … {max(found):6.2f}")


if __name__ == "__main__":
    main()
