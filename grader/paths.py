"""Where a course keeps its files."""

import os
from pathlib import Path

COURSE = "GRADKIT_COURSE"  # environment variable; grade.py tells its workers by it


def _root() -> Path:
    """The folder that is named, else the checkout that this file lies in, else (installed) the working directory."""
    if COURSE in os.environ:
        return Path(os.environ[COURSE]).resolve()
    checkout = Path(__file__).resolve().parent.parent
    return checkout if (checkout / "solutions").is_dir() else Path.cwd()


ROOT = _root()
EXERCISES = ROOT / "exercises"
SOLUTIONS = ROOT / "solutions"
EXAMPLES = ROOT / "examples"
TESTS = ROOT / "tests"
HIDDEN = TESTS / "hidden"
PROBES = TESTS / "probes"
BANK = TESTS / "bank"


def topics() -> list[str]:
    """Every topic that has a solution, sorted by name: adding a topic means adding files."""
    return sorted(path.stem for path in SOLUTIONS.glob("*.py"))
