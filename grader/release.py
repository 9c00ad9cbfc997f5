"""The other command, for what is handed out: stubs, the kit for students, notebooks for nbgrader, an autograder.

python grader/release.py stubs
python grader/release.py student DIR
python grader/release.py notebooks DIR
python grader/release.py gradescope DIR_OR_ZIP
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import get_args

if __name__ == "__main__":  # run as a script: the package, not its folder, belongs on the path
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

from grader.kit import Changes, KitError, write_autograder, write_kit
from grader.nbgrading.course import write_course
from grader.paths import COURSE, EXERCISES, ROOT, SOLUTIONS, topics
from grader.results import Kind
from grader.stubs import stub_of


def write_stubs(folder: Path = EXERCISES) -> list[Path]:
    """Write the stub of every topic; what students edit is regenerated, so this is for the course's own copy."""
    written = []
    for topic in topics():
        path = folder / f"{topic}.py"
        text = stub_of((SOLUTIONS / f"{topic}.py").read_text(encoding="utf-8"))
        path.write_text(text, encoding="utf-8", newline="\n")
        written.append(path)
    return written


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="gradkit-release", description="Make what is handed out from the solutions.")
    commands = parser.add_subparsers(dest="command", required=True)
    stubs = commands.add_parser("stubs", help="exercises/*.py from solutions/*.py")
    stubs.add_argument("--out", type=Path, default=EXERCISES, help="folder to write to (default: exercises/)")
    student = commands.add_parser("student", help="the kit for students: stubs, public tests and what they need")
    student.add_argument("folder", type=Path, metavar="DIR", help="a new or empty folder, or a kit to update")
    notebooks = commands.add_parser("notebooks", help="a course folder for nbgrader, with a notebook for each topic")
    notebooks.add_argument("folder", type=Path, metavar="DIR", help="a new or empty folder, or one to update")
    gradescope = commands.add_parser("gradescope", help="autograder.zip for Gradescope; it holds all the answers")
    gradescope.add_argument(
        "target", type=Path, metavar="DIR_OR_ZIP", help="where autograder.zip goes, or its own name"
    )
    gradescope.add_argument("--topic", action="append", choices=topics(), help="grade only this topic; may be repeated")
    gradescope.add_argument(
        "--kind", action="append", choices=get_args(Kind), help="only checks of this kind; may be repeated"
    )
    gradescope.add_argument(
        "--allow-unconfined", action="store_true", help="grade even where student code could break out; see SECURITY.md"
    )
    options = parser.parse_args(arguments)
    if options.command == "student":
        return _made(write_kit, options.folder, student)
    if options.command == "notebooks":
        return _made(write_course, options.folder, notebooks)
    if options.command == "gradescope":
        return _gradescope(options, gradescope)
    for path in write_stubs(options.out):
        print(path)
    return 0


def _made(write: Callable[[Path], Changes], folder: Path, parser: argparse.ArgumentParser) -> int:
    if not topics():
        parser.error(f"no course here: {ROOT} has no solutions/; run in the course's folder or set {COURSE}")
    try:
        _tell(folder, write(folder))
    except (KitError, OSError) as error:
        parser.error(str(error))
    return 0


def _gradescope(options: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    chosen = [f"--{name}={value}" for name in ("topic", "kind") for value in getattr(options, name) or ()]
    chosen += ["--allow-unconfined"] * options.allow_unconfined
    try:
        print(write_autograder(options.target, chosen))
    except (KitError, OSError) as error:
        parser.error(str(error))
    return 0


def _tell(folder: Path, changes: Changes) -> None:
    for name in changes.written:
        print(folder / name)
    for name in changes.removed:
        print(f"{folder / name}: removed, as it is no longer handed out")
    for name in changes.kept:
        print(f"{folder / name}: edited, so it stays as it is and was not updated", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
