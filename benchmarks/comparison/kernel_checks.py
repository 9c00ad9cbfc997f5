"""The hidden tests inside a notebook's kernel: collected once and run once, as one pytest run in that process.

`assert_passed` then looks a check up, so that a grade cell or a test case costs its tool as little as it can.
"""

import functools
import os
from collections.abc import Generator
from pathlib import Path

import pluggy
import pytest

from grader.checks import check_of, name_of, topic_of

ROOT = Path(__file__).resolve().parent.parent.parent
FILES, KINDS, SEED = "THROUGHPUT_FILES", "THROUGHPUT_KINDS", "THROUGHPUT_SEED"  # names in the environment


class Recorder:
    """Which checks passed."""

    def __init__(self) -> None:
        self.passed: dict[str, bool] = {}

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> Generator[None, pluggy.Result[pytest.TestReport], None]:
        outcome = yield
        report = outcome.get_result()
        key = key_of(item)
        self.passed[key] = self.passed.get(key, True) and report.passed


def key_of(item: pytest.Item) -> str:
    """The name of a check that all the tools share."""
    check = check_of(item)
    assert check is not None
    return f"{topic_of(item)}: {check.kind}: {check.task}: {name_of(item, check)}"


@functools.cache
def verdicts() -> dict[str, bool]:
    """Run every check on the modules of the working directory."""
    recorder = Recorder()
    options = ["-p", "no:cacheprovider", "-p", "no:terminal", "-o", "addopts=--import-mode=importlib"]
    chosen = ["--rootdir", str(ROOT), "-c", str(ROOT / "pyproject.toml"), "-m", os.environ[KINDS]]
    here = ["--submission", str(Path.cwd()), "--seed", os.environ[SEED], "--capture", "sys"]
    pytest.main([*os.environ[FILES].split(os.pathsep), *options, *chosen, *here], plugins=[recorder])
    return recorder.passed


def assert_passed(key: str) -> None:
    """What a grade cell or a test case says."""
    assert verdicts()[key], f"{key} is not passed"


if __name__ == "__main__":  # plain pytest, and its verdicts as lines, where no notebook is wanted
    for name, passed in verdicts().items():
        print(int(passed), name)
