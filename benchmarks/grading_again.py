"""What does it cost to grade a class again of which nothing, or one submission, has changed?

    python benchmarks/grading_again.py [--students 1000] [--times 3]

Each student hands in all topics, each file different. One is graded for real, correctness and gpu; its result is then
noted in the gradebook for all others under the digests of what they handed in, and grade.py, a process of its own, is
measured from there on: nothing changed, and one file changed. Seconds of wall time and of CPU, and of peak memory.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from grader.collect import discover
from grader.fingerprint import content_digest
from grader.gradebook import Entry, Gradebook, opened
from grader.paths import SOLUTIONS, topics

KINDS = ("--kind", "correctness", "--kind", "gpu")


def hand_in(folder: Path, students: int) -> None:
    """A folder for each student, with all topics."""
    sources = {path.name: path.read_text(encoding="utf-8") for path in SOLUTIONS.glob("*.py")}
    for number in range(students):
        own = folder / f"student{number:04}"
        own.mkdir(parents=True)
        for name, source in sources.items():
            (own / name).write_text(f"{source}\n# handed in by {own.name}\n", encoding="utf-8")


def grade(folder: Path, out: Path, *options: str) -> tuple[float, float, int]:
    """Wall and CPU seconds of grade.py, and the KiB that its largest process needed."""
    command = [sys.executable, str(ROOT / "grader" / "grade.py"), str(folder), "--out", str(out), *KINDS, *options]
    start = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert process.stdout
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(output)
    return time.monotonic() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss


def note_for_all(folder: Path, out: Path) -> None:
    """The first student's result, for everybody."""
    with opened(out) as book:
        row = book.connection.execute("SELECT * FROM runs").fetchone()
        entry = Entry(**{key: row[key] for key in row.keys() if key != "finished"})  # noqa: SIM118 (a Row is no dict)
        first, *others = discover(folder, topics())
        _copy(book, entry, first.id, others)


def _copy(book: Gradebook, entry: Entry, id: str, others: list) -> None:
    result = book.submission(entry, id)
    for other in others:
        own = result.model_copy(update={"id": other.id})
        book.keep(entry, content_digest(other.read()), own, settled=True, seconds=1.0)


def show(what: str, measured: tuple[float, float, int]) -> None:
    wall, cpu, memory = measured
    print(f"{what:36} {wall:6.2f} s, {cpu:6.2f} s of CPU, largest process {memory >> 10} MiB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--students", type=int, default=1000)
    parser.add_argument("--times", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder, out = Path(place, "class"), Path(place, "results")
        hand_in(folder, options.students)
        first = sorted(path.name for path in folder.iterdir())[0]
        show("one submission, for the first time", grade(folder, out, "--student", first))
        note_for_all(folder, out)
        show("all reports, for the first time", grade(folder, out))
        for number in range(options.times):
            show(f"{options.students} unchanged", grade(folder, out))
            with (folder / first / f"{topics()[0]}.py").open("a", encoding="utf-8") as file:
                file.write(f"\n# again {number}\n")
            show("one changed", grade(folder, out))
        print(f"results.json has {(out / 'results.json').stat().st_size >> 20} MiB")


if __name__ == "__main__":
    main()
