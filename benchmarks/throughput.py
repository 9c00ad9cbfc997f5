"""How many submissions a minute: gradkit, nbgrader autograde, otter run and plain pytest, with the same hidden tests.

    python benchmarks/throughput.py --environment DIR [--students 60] [--others 8] [--times 1] [--plot FILE.svg]

DIR becomes a virtual environment with the graders of benchmarks/requirements.txt, if it is none yet, and all four run
in it. Without --environment they run in this Python's. The class is drawn from the bank: honest submissions, right and
with mistakes, each with three topics. gradkit grades all of it; the others, which are slower, its first --others.

All run the same checks of these topics, two processes side by side: `otter run` and pytest a process a submission, and
nbgrader, which knows no workers, on two courses with half of the class each. nbgrader and otter get one kernel for each
submission, in which the hidden tests are collected once and run as one in-process pytest run; each grade cell and each
test file then only looks its check up. So they pay for no more than they must. gradkit alone confines what it runs.

`a submission more` is the CPU time that one more costs, from a second run on fewer submissions where one process takes
many; memory is the proportional set size of all the processes together, at most, sampled twice a second. In the end the
points of every check are compared.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "bank")]

from comparison.meter import Meter

if TYPE_CHECKING:  # nbformat is there only in the environment
    from comparison.tools import Plan, Points

COLUMNS = ("submissions", "wall s", "a minute", "CPU s each", "a submission more", "peak MiB")


@dataclass(frozen=True)
class Row:
    """What one tool needed, median of all runs."""

    tool: str
    submissions: int
    wall: float
    a_minute: float
    cpu_each: float
    cpu_more: float
    peak: float

    def cells(self) -> str:
        return (
            f"{self.tool:20}{self.submissions:>14}{self.wall:>10.1f}{self.a_minute:>12.1f}{self.cpu_each:>14.2f}"
            f"{self.cpu_more:>20.2f}{self.peak:>12.0f}"
        )


def enter(environment: Path) -> None:
    """Make the environment if need be, and go on in it."""
    python = environment.resolve() / "bin" / "python"
    if not (environment / "ready").exists():
        subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True)
        files = ["-c", str(ROOT / "constraints.txt"), "-r", str(ROOT / "benchmarks" / "requirements.txt")]
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", *files], check=True)
        (environment / "ready").touch()
    if Path(sys.prefix).resolve() != environment.resolve():
        os.execv(python, [str(python), *sys.argv])


def measured(tool: str, plan: Plan, students: list[Path]) -> tuple[Meter, Points]:
    """Usage and points of one tool on some submissions; what it prepares is not counted."""
    from comparison.tools import TOOLS

    work = TOOLS[tool](plan, students)
    with Meter() as meter:
        points = work()
    print(
        f"  {tool}: {len(students)} submissions, {meter.wall:.1f} s, {meter.cpu:.1f} CPU s", file=sys.stderr, flush=True
    )
    return meter, points


def row(tool: str, whole: list[Meter], few: list[Meter], count: int, smaller: int) -> Row:
    wall, cpu = median(m.wall for m in whole), median(m.cpu for m in whole)
    more = (cpu - median(m.cpu for m in few)) / (count - smaller) if few else cpu / count
    return Row(tool, count, wall, 60 * count / wall, cpu / count, more, max(m.peak for m in whole))


def compared(points: dict[str, Points]) -> list[str]:
    """Where a tool gives other points than gradkit."""
    lines = []
    for tool, given in points.items():
        for student, checks in given.items():
            expected = points["gradkit"][student]
            keys = sorted(expected.keys() | checks.keys())
            found = [(key, expected.get(key), checks.get(key)) for key in keys]
            lines += [f"{tool}: {student}: {key}: {b} instead of {a}" for key, a, b in found if a != b]
    return lines


def benchmark(options: argparse.Namespace, folder: Path) -> tuple[list[Row], list[str]]:
    from comparison.classes import write_class
    from comparison.tools import TOOLS, Plan, all_points

    students = write_class(folder / "students", options.students, options.seed)
    plan = Plan(folder, options.kind or ["correctness", "gpu"], options.jobs, {})
    plan = replace(plan, points=all_points(plan, students[0]))
    print(f"{len(plan.points)} checks, worth {sum(plan.points.values()):g} points", file=sys.stderr)
    counts = {tool: options.students if tool == "gradkit" else options.others for tool in TOOLS}
    whole: dict[str, list[Meter]] = defaultdict(list)
    few: dict[str, list[Meter]] = defaultdict(list)
    points: dict[str, Points] = {}
    for number in range(options.times):
        for tool in options.tool or TOOLS:
            own = folder / f"run{number}" / tool.replace(" ", "_")
            meter, points[tool] = measured(tool, replace(plan, folder=own / "whole"), students[: counts[tool]])
            whole[tool].append(meter)
            if tool in ("gradkit", "nbgrader autograde") and counts[tool] > options.jobs:
                few[tool].append(measured(tool, replace(plan, folder=own / "few"), students[: options.jobs])[0])
    rows = [row(tool, whole[tool], few[tool], counts[tool], options.jobs) for tool in whole]
    return rows, compared(points)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--environment", type=Path, help="folder of the virtual environment to use, made if it is not there")
    add("--students", type=int, default=60, help="submissions that gradkit grades")
    add("--others", type=int, default=8, help="submissions that the other tools grade")
    add("--times", type=int, default=1, help="runs of each tool, in turns; the median counts")
    add("--jobs", type=int, default=2, help="processes side by side")
    add("--kind", action="append", choices=["correctness", "gpu"], help="default: both")
    add("--tool", action="append", help="only this tool; may be repeated")
    add("--seed", type=int, default=0, help="of the class")
    add("--json", type=Path, help="write the figures here, too")
    add("--plot", type=Path, help="draw a bar chart to this file")
    options = parser.parse_args()
    if options.environment:
        enter(options.environment)
    with tempfile.TemporaryDirectory() as folder:
        rows, differing = benchmark(options, Path(folder))
    report(rows, differing, options)


def report(rows: list[Row], differing: list[str], options: argparse.Namespace) -> None:
    widths = (14, 10, 12, 14, 20, 12)
    print(f"{'':20}" + "".join(f"{head:>{width}}" for head, width in zip(COLUMNS, widths, strict=True)))
    print("\n".join(row.cells() for row in rows))
    print(f"checks with other points than gradkit gives: {len(differing)}")
    print("\n".join(differing[:20]))
    if options.json:
        text = json.dumps({"rows": [asdict(row) for row in rows], "differing": differing}, indent=2)
        options.json.write_text(text + "\n", encoding="utf-8")
    if options.plot:
        from comparison.plot import draw

        draw({row.tool: row.a_minute for row in rows}, options.plot)


if __name__ == "__main__":
    main()
