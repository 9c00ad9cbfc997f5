"""The other command: `python grader/release.py stubs` makes exercises/*.py from solutions/*.py."""

import argparse
import sys
from pathlib import Path

if __name__ == "__main__":  # run as a script: the package, not its folder, belongs on the path
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

from grader.paths import EXERCISES, SOLUTIONS, topics
from grader.stubs import stub_of


def write_stubs(folder: Path = EXERCISES) -> list[Path]:
    """Write the stub of every topic; what students edit is regenerated, so this is for the course's own copy."""
    written = []
    for topic in topics():
        path = folder / f"{topic}.py"
        path.write_text(stub_of((SOLUTIONS / f"{topic}.py").read_text(encoding="utf-8")), encoding="utf-8")
        written.append(path)
    return written


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="gradkit-release", description="Make what is handed out from the solutions.")
    commands = parser.add_subparsers(dest="command", required=True)
    stubs = commands.add_parser("stubs", help="exercises/*.py from solutions/*.py")
    stubs.add_argument("--out", type=Path, default=EXERCISES, help="folder to write to (default: exercises/)")
    options = parser.parse_args(arguments)
    for path in write_stubs(options.out):
        print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
