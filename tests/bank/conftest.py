"""With `pytest -n 2` two parts of the tests run side by side; this says what stays together, and in which order."""

import os

import pytest

from grader.paths import topics

if "PYTEST_XDIST_WORKER" in os.environ:  # threads of two processes on one core would wait for each other
    os.environ.setdefault("OMP_NUM_THREADS", "1")

HOSTILE = ("attacks", "exhaustion", "confinement", "crashes")  # they look for what hostile code has left


def part(nodeid: str) -> str:
    """The tests that run one after the other with this one: of its file, but a topic of the bank stands alone."""
    file = nodeid.partition("::")[0]
    if any(f"/test_{name}" in file for name in HOSTILE):
        return "hostile"
    if file.endswith("/test_bank.py"):
        return next((topic for topic in topics() if topic in nodeid.partition("[")[2]), file)
    return file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    from xdist.scheduler import LoadFileScheduling

    class Scheduling(LoadFileScheduling):
        def _split_scope(self, nodeid):
            return part(nodeid)

    config.option.loadscopereorder = False  # the longest ones come first as it is: see testpaths
    return Scheduling(config, log)
