"""What `run_autograder` starts on Gradescope: grade the one submission there, leave results.json in its format.

Whatever goes wrong leaves a valid file without a score. What it says is shown to students, so it gives no reason; the
reason goes to standard output, which Gradescope shows to instructors.
"""

import argparse
import json
import sys
import tempfile
import traceback
from collections.abc import Sequence
from pathlib import Path

from grader.files import write_atomically
from grader.grade import GRADED
from grader.grade import main as grade
from grader.kit.scripts import FAILED

SUBMISSION = "submission"  # the folder that Gradescope puts the student's files into


class NotGradedError(Exception):
    """The grader ended without a result that counts."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns 0: a result is there in any case."""
    options, chosen = _parser().parse_known_args(arguments)
    try:
        content = _graded(options.root, chosen)
    except BaseException:  # SystemExit, too: of an argument that grade.py refuses
        traceback.print_exc(file=sys.stdout)
        content = FAILED
    write_atomically(options.root / "results" / "results.json", [content])
    return 0


def _graded(root: Path, chosen: Sequence[str]) -> str:
    """The folder around the submission is the class, so that whatever was handed in is one submission."""
    with tempfile.TemporaryDirectory(prefix="gradkit-") as out:
        ended = grade([str(root), "--student", SUBMISSION, "--jobs", "1", "--out", out, *chosen])
        if ended != GRADED:
            raise NotGradedError(f"grade.py ended with {ended}; what it said stands above")
        content = (Path(out) / "gradescope" / f"{SUBMISSION}.json").read_text(encoding="utf-8")
    return json.dumps(json.loads(content) | {"stdout_visibility": "hidden"}, ensure_ascii=False)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="gradkit-gradescope", description="Grade what Gradescope put into a folder. Other options go to grade.py."
    )
    parser.add_argument("root", type=Path, help="the folder with submission/ and results/: /autograder")
    return parser


if __name__ == "__main__":
    sys.exit(main())
