"""The pytest plugin behind tests/hidden: options, fixtures, and verdicts in the report.

Alone (`pytest tests/hidden --submission DIR`) it tests one folder in process. The grader's worker puts a backend of
confined processes in its place; the tests are the same.
"""

import functools
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

import pytest

from grader import accelerator
from grader.checks import Check, check_of, topic_of
from grader.confined import dynamo
from grader.confined.loading import fingerprints
from grader.devices import choose
from grader.fresh import Fresh
from grader.inprocess import InProcessBackend, read_sources
from grader.paths import SOLUTIONS
from grader.speed import Race
from grader.stubs import Form, forms_of, stub_of
from grader.student import Channel, Limits, Module, Student
from grader.verdicts import NotStarted, Unproven, Verdict


class Backend(Protocol):
    """Where the sessions of one submission come from."""

    sources: Mapping[str, bytes]
    problems: Mapping[str, str]
    known: dict[str, Verdict]
    code: dict[str, bytes]
    device: str

    def open(self, pinned: bool = False) -> Channel:
        """A new session; a pinned one stays on the core of this backend."""

    def limits(self) -> Limits:
        """What one request may use."""


BACKEND = pytest.StashKey[Backend]()
SEED = pytest.StashKey[str]()
REFERENCE_CODE: dict[str, bytes] = {}
MEASURED = pytest.StashKey[dict[str, Any]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("gradkit")
    group.addoption("--submission", type=Path, default=SOLUTIONS, help="folder of topic modules to test, in process")
    group.addoption("--device", default="auto", help="auto, cpu, sim or cuda: where the gpu checks run")
    group.addoption("--seed", default="authors", help="seed of the fresh inputs")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "check(check): the graded item that a hidden test declares")
    if BACKEND not in config.stash:
        device = choose(config.getoption("--device"))
        if device == accelerator.NAME:
            accelerator.install()
        dynamo.keep_asleep()
        config.stash[BACKEND] = InProcessBackend(config.getoption("--submission"), device)
    config.stash.setdefault(SEED, config.getoption("--seed"))


@functools.cache
def reference_sources() -> Mapping[str, bytes]:
    """The reference modules."""
    return read_sources(SOLUTIONS)


@functools.cache
def stubs_of(topic: str) -> dict[str, str]:
    """Task to the fingerprint of its untouched stub."""
    return fingerprints(stub_of(reference_sources()[topic].decode()).encode())


@functools.cache
def forms(topic: str) -> dict[str, Form]:
    """Task to how the exercise declares it."""
    return forms_of(reference_sources()[topic].decode())


def declared(request: pytest.FixtureRequest) -> Check:
    """The check of the test that asks."""
    check = check_of(request.node)
    assert check, f"{request.node.nodeid} declares no check"
    return check


@pytest.fixture
def fresh(request: pytest.FixtureRequest) -> Fresh:
    """Fresh inputs; the same whenever the same submission is graded with the same seed."""
    return Fresh(request.config.stash[SEED], request.node.nodeid)


@pytest.fixture
def device(request: pytest.FixtureRequest) -> str:
    """The accelerator that gpu checks use."""
    return request.config.stash[BACKEND].device


@pytest.fixture
def student(request: pytest.FixtureRequest, fresh: Fresh) -> Iterator[Student]:
    """The module under test, in a session of its own."""
    backend = request.config.stash[BACKEND]
    subject = _student(request, fresh, backend.sources, backend.open)
    request.node.stash[MEASURED] = subject.measured
    yield subject
    subject.close()


@pytest.fixture
def race(request: pytest.FixtureRequest, fresh: Fresh) -> Iterator[Race]:
    """Student and reference side by side, for a speed check."""
    backend = request.config.stash[BACKEND]
    pinned = functools.partial(backend.open, pinned=True)
    subject = _student(request, fresh, backend.sources, pinned)
    reference = _student(request, fresh, reference_sources(), pinned)
    request.node.stash[MEASURED] = subject.measured
    yield Race(subject, reference)
    subject.close()
    reference.close()


def _student(
    request: pytest.FixtureRequest, fresh: Fresh, sources: Mapping[str, bytes], opener: Callable[[], Channel]
) -> Student:
    topic = topic_of(request.node)
    backend = request.config.stash[BACKEND]
    own = sources is backend.sources
    if own:
        module = Module(topic, sources, stubs_of(topic), forms(topic), backend.problems, backend.known, backend.code)
    else:
        module = Module(topic, sources, stubs_of(topic), code=REFERENCE_CODE)
    return Student(opener, module, declared(request).task, fresh.seed(), backend.device, limits=backend.limits())


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """A verdict is shown as its sentence; a task that is not started is no failure."""
    outcome = yield
    report = outcome.get_result()  # type: ignore[attr-defined]
    error = call.excinfo.value if call.excinfo else None
    if isinstance(error, Verdict):
        if subject := getattr(item, "funcargs", {}).get("student"):
            subject.explain(error)
        report.longrepr = f"{error.status}: {error.message}" + (f" [{error.diagnosis}]" if error.diagnosis else "")
        report.verdict = error
    if isinstance(error, (NotStarted, Unproven)):
        report.outcome = "skipped"
        report.longrepr = (str(item.path), item.location[1] or 0, f"{error.status}: {error.message}")


def pytest_report_teststatus(report: pytest.TestReport) -> tuple[str, str, str] | None:
    status = getattr(getattr(report, "verdict", None), "status", None)
    if status in ("not_started", "unproven") and report.outcome == "skipped":
        words = status.replace("_", " ")
        return words, "n" if status == "not_started" else "u", words.upper()
    return None
