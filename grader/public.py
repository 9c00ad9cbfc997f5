"""The pytest plugin behind exercises/: what a student sees.

A task that is still the stub shows as *not started*, not as a failure, and the run ends with exit code 1. The gpu tests
run on CUDA where there is one, else on the simulated accelerator.
"""

import ast
import contextlib
import functools
import inspect
import textwrap
import time
from collections.abc import Callable, Iterator
from statistics import median
from typing import Any

import pytest
import torch

from grader import accelerator
from grader.devices import choose

UNTOUCHED = pytest.StashKey[int]()
DEVICE = pytest.StashKey[str]()
LEAST_TICKS = 8


def pytest_configure(config: pytest.Config) -> None:
    config.stash[UNTOUCHED] = 0
    config.stash[DEVICE] = choose("auto")
    if config.stash[DEVICE] == accelerator.NAME:
        accelerator.install()  # now: autograd does not know a device that appears after its first backward pass


@pytest.fixture(scope="session")
def device(pytestconfig: pytest.Config) -> str:
    """Name of the accelerator: "cuda", or "sim" for the simulated one."""
    return pytestconfig.stash[DEVICE]


@pytest.fixture
def trace(device: str) -> Callable[[], contextlib.AbstractContextManager[accelerator.Trace]]:
    """`with trace() as seen:` counts what happens on the accelerator."""
    return lambda: accelerator.trace(device)


@pytest.fixture
def times_faster() -> Callable[[Callable[[], Any], Callable[[], Any]], float]:
    """`times_faster(yours, loop)`: how many times less CPU time yours takes than the loop."""
    return _times_faster


def _times_faster(yours: Callable[[], Any], loop: Callable[[], Any]) -> float:
    with _one_thread():
        pairs = [(_cpu_seconds(yours), _cpu_seconds(loop)) for _ in range(7)]
    return median(slow / fast for fast, slow in pairs)


@contextlib.contextmanager
def _one_thread() -> Iterator[None]:
    """Threads that wait for each other spin, and the CPU clock of the process counts that as work."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def _cpu_seconds(function: Callable[[], Any]) -> float:
    """Of one call; where the clock is coarse, of the many that it takes to be seen."""
    start, calls, spent = time.process_time(), 0, 0.0
    while spent < LEAST_TICKS * _tick():
        function()
        calls += 1
        spent = time.process_time() - start
    return spent / calls


@functools.cache
def _tick() -> float:
    """The step of the CPU clock: 16 ms on Windows, under 1 µs elsewhere."""
    start = time.process_time()
    while (now := time.process_time()) == start:
        pass
    return now - start


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    outcome = yield
    if call.excinfo is None or not isinstance(call.excinfo.value, NotImplementedError):
        return
    if _is_stub(call.excinfo.traceback[-1]):
        report = outcome.get_result()  # type: ignore[attr-defined]
        report.outcome, report.not_started = "skipped", True
        report.longrepr = (str(item.path), item.location[1] or 0, f"not started: {call.excinfo.value}")
        item.config.stash[UNTOUCHED] += 1


def _is_stub(entry: Any) -> bool:
    """Whether the function that raised consists of its docstring and the raise."""
    with contextlib.suppress(OSError, TypeError, SyntaxError, IndexError):
        function = ast.parse(textwrap.dedent(inspect.getsource(entry.frame.code.raw))).body[0]
        body = getattr(function, "body", [])
        rest = [node for node in body if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))]
        return len(rest) == 1 and isinstance(rest[0], ast.Raise)
    return False


def pytest_report_teststatus(report: pytest.TestReport) -> tuple[str, str, str] | None:
    if getattr(report, "not_started", False):
        return "not started", "n", "NOT STARTED"
    return None


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A task that is not started is work to do, so the run is not a success."""
    if session.config.stash[UNTOUCHED] and session.exitstatus == 0:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any) -> None:
    waiting = terminalreporter.stats.get("not started", [])
    tasks = sorted({str(report.longrepr[2]).removeprefix("not started: ") for report in waiting})
    if tasks:
        terminalreporter.section("not started yet")
        for task in tasks:
            terminalreporter.write_line(f"  {task}")
