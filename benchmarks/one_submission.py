"""What does it cost to grade one whole submission, beside the same hidden tests by plain pytest in one process?

    python benchmarks/one_submission.py [--times 3]

Whole processes against whole processes, in turns, with all that they start: seconds of CPU and of wall time, with the
speed checks and without. Then where the time of the checks goes, by topic and kind, and the ten that take longest.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
WITHOUT_SPEED = ("--kind", "correctness", "--kind", "gpu")


def seconds(command: list[str]) -> tuple[float, float]:
    """CPU and wall seconds of a command and of all its children."""
    before, start = _cpu(), time.monotonic()
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")
    return _cpu() - before, time.monotonic() - start


def _cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def commands(out: str) -> dict[str, list[str]]:
    grade = [sys.executable, "grader/grade.py", "solutions", "--fresh", "--jobs", "1", "--out"]
    plain = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/hidden"]
    return {
        "grade.py, no speed checks": [*grade, f"{out}/some", *WITHOUT_SPEED],
        "pytest, no speed checks": [*plain, "-m", "not speed"],
        "grade.py": [*grade, f"{out}/all"],
        "pytest": plain,
    }


def show_checks(path: Path) -> None:
    """Where the time goes, from a results.json."""
    results = json.loads(path.read_text(encoding="utf-8"))
    checks = results["submissions"][0]["checks"]
    spent: dict[tuple[str, str], list[float]] = defaultdict(list)
    for check in checks:
        spent[check["topic"], check["kind"]].append(check["seconds"])
    print(f"\nthe run took {results['run']['seconds']:.2f} s, its checks {sum(c['seconds'] for c in checks):.2f} s")
    for (topic, kind), found in spent.items():
        print(f"  {topic:16} {kind:12} {len(found):3} checks {sum(found):7.3f} s, median {median(found) * 1e3:6.1f} ms")
    print("longest:")
    for check in sorted(checks, key=lambda c: -c["seconds"])[:10]:
        print(f"  {check['seconds']:7.3f} s  {check['kind']:12} {check['task']}: {check['name']}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as out:
        found = defaultdict(list)
        for _ in range(options.times):
            for name, command in commands(out).items():
                found[name].append(seconds(command))
        print(f"median of {options.times}: CPU s, wall s")
        for name, pairs in found.items():
            cpu, wall = (median(values) for values in zip(*pairs, strict=True))
            print(f"  {name:28} {cpu:6.2f} {wall:6.2f}")
        show_checks(Path(out, "all", "results.json"))


if __name__ == "__main__":
    main()
