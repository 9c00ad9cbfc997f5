"""What the hidden tests declare, without running any: collected by a pytest of its own, which this process starts."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from grader.kit.folder import KitError
from grader.paths import COURSE, ROOT
from grader.results import Kind, Model

PACKAGES = Path(__file__).resolve().parent.parent.parent  # where this package is found
START = "import sys; sys.path.insert(0, sys.argv[1]); from grader.nbgrading.declared import main; main()"
PLAIN = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": ""}  # whatever this machine's pytest is told


class Declared(Model):
    """A check that nobody has run yet."""

    topic: str
    task: str
    kind: Kind
    name: str
    max_points: float
    hint: str


def declared_checks() -> list[Declared]:
    """All checks of the course, in the order of the hidden tests."""
    command = [sys.executable, "-P", "-c", START, str(PACKAGES)]
    environment = os.environ | {COURSE: str(ROOT), "OMP_NUM_THREADS": "1"} | PLAIN
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", env=environment)
    if done.returncode:
        raise KitError(f"the hidden tests can't be collected: {done.stderr.strip()[-1000:]}")
    return [Declared(**check) for check in json.loads(done.stdout)]


def main() -> None:
    """Print the checks as JSON."""
    import pytest

    from grader.paths import topics
    from grader.serving import arguments

    listing = _Listing()
    code = pytest.main([*arguments("sim", topics()), "--collect-only"], plugins=[listing])
    if code:
        sys.exit("; ".join(listing.failures) or f"pytest ended with {code!r}")
    json.dump(listing.checks, sys.stdout)


class _Listing:
    """A plugin that describes what was collected."""

    def __init__(self) -> None:
        self.checks: list[dict[str, Any]] = []
        self.failures: list[str] = []

    def pytest_collectreport(self, report: Any) -> None:
        """A test file that can't be imported would silently take its topic out of the notebooks."""
        if report.failed:
            self.failures.append(f"{report.nodeid}: {str(report.longrepr)[-1000:]}")

    def pytest_collection_finish(self, session: Any) -> None:
        from grader.checks import check_of
        from grader.serving import described

        self.checks = [described(item) for item in session.items if check_of(item)]
