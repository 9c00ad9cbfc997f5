"""Does the memory of grade.py stay flat from 100 to 1,000 submissions?

    python benchmarks/memory.py [--students 100 --students 1000] [--jobs 2]

Each class has one small topic, strides, and only its correctness checks run. Memory is the proportional set size from
outside, twice a second: of grade.py's own process, and of it with all its workers and their children.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "bank")]

from comparison.classes import write_class
from comparison.meter import MIB, Meter

CHOSEN = ("--topic", "strides", "--kind", "correctness")
POINTS = (0.25, 0.5, 0.75, 1.0)


def graded(count: int, jobs: int, folder: Path) -> Meter:
    """The usage of grade.py on a class of so many."""
    write_class(folder / "class", count, topics=["strides"])
    script = [sys.executable, str(ROOT / "grader" / "grade.py"), str(folder / "class"), *CHOSEN]
    with Meter() as meter:
        done = subprocess.run(
            [*script, "--jobs", str(jobs), "--out", str(folder / "results")],
            cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
    if done.returncode:
        sys.exit(f"grade.py failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return meter


def so_far(meter: Meter, share: float) -> str:
    """The peaks of the tree up to a share of the run."""
    samples = meter.samples[: max(1, round(share * len(meter.samples)))]
    return f"{max(root for _, _, root in samples) / MIB:8.0f} /{max(tree for _, tree, _ in samples) / MIB:6.0f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--students", type=int, action="append", help="default: 100 and 1000")
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    print("peak MiB of grade.py / of all its processes, up to a share of the run")
    print(f"{'submissions':>11}{'seconds':>9}" + "".join(f"{share:>16.0%}" for share in POINTS))
    for count in options.students or [100, 1000]:
        with tempfile.TemporaryDirectory() as folder:
            meter = graded(count, options.jobs, Path(folder))
        print(f"{count:11}{meter.wall:9.0f}" + "".join(f"{so_far(meter, p):>16}" for p in POINTS), flush=True)


if __name__ == "__main__":
    main()
