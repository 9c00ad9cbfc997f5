"""pytest in a worker: the hidden tests are collected once and run for each submission that comes.

A check's outcome is a plain dict here; points are given in scoring, by grade.py.
"""

import base64
import gc
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import pytest
from _pytest.runner import runtestprotocol

from grader.checks import check_of, name_of, topic_of
from grader.paths import HIDDEN, ROOT
from grader.plugin import BACKEND, MEASURED, SEED
from grader.rooms import Room, Zygote, ZygoteError
from grader.storable import storable
from grader.student import Limits
from grader.verdicts import Killed, TimedOut, Verdict

TRIES = 3  # for a check that stays unproven, or whose process is killed each time


class CollectionError(Exception):
    """The hidden tests themselves are broken."""


@dataclass
class Job:
    """What a worker was asked to do."""

    zygote: Zygote
    device: str
    core: int
    line: Any
    messages: Iterator[dict[str, Any]]
    topics: list[str]
    kinds: list[str]
    limits: dict[str, float]


@dataclass
class Budget:
    """What a whole submission may use, beyond the limits of each check."""

    wall: float
    start: float = field(default_factory=time.monotonic)

    def left(self) -> float:
        return self.wall - (time.monotonic() - self.start)


class ConfinedBackend:
    """Opens confined children for one submission."""

    def __init__(self, job: Job, sources: Mapping[str, bytes], problems: Mapping[str, str]) -> None:
        self.job = job
        self.sources = sources
        self.problems = problems
        self.known: dict[str, Verdict] = {}
        self.code: dict[str, bytes] = {}
        self.device = job.device
        self.budget = Budget(job.limits["submission_wall"])
        self.tries = TRIES

    def open(self, pinned: bool = False) -> Room:
        """A child for one check; a pinned one runs on this worker's core."""
        if self.budget.left() <= 0:
            raise TimedOut(f"the submission as a whole used up its {self.budget.wall:g} s")
        return self.job.zygote.fork(self.job.core if pinned else None)

    def limits(self) -> Limits:
        """For one request."""
        return Limits(wall=min(self.job.limits["wall"], max(self.budget.left(), 0.1)), cpu=self.job.limits["cpu"])


class Serving:
    """The plugin that turns pytest's one run into a loop over submissions."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.lost: ZygoteError | None = None

    @pytest.hookimpl(tryfirst=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        config.option.tbstyle = "native"  # the cheapest to make; only a fault of the grader is ever shown
        config.stash[BACKEND] = ConfinedBackend(self.job, {}, {})
        config.stash[SEED] = ""  # each submission brings its own

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = [item for item in items if self._wanted(item)]

    def _wanted(self, item: pytest.Item) -> bool:
        check = check_of(item)
        return check is not None and topic_of(item) in self.job.topics and check.kind in self.job.kinds

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A test file that can't be imported would silently take its topic out of the grading."""
        if report.failed:
            raise CollectionError(f"{report.nodeid} can't be collected: {str(report.longrepr)[-1000:]}")

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        self.job.line.send(checks=[described(item) for item in session.items])
        gc.freeze()  # the tests stay: the collector need not look through them after each submission
        with suppress(ZygoteError):  # serve raises it again, where no traceback is printed
            for message in self.job.messages:
                self._submission(session, message)
        return True

    def _submission(self, session: pytest.Session, message: dict[str, Any]) -> None:
        sources = {topic: base64.b64decode(text) for topic, text in message["sources"].items()}
        session.config.stash[BACKEND] = ConfinedBackend(self.job, sources, message["problems"])
        session.config.stash[SEED] = message["seed"]
        for item, following in zip(session.items, [*session.items[1:], None], strict=True):
            self.job.line.send(check=self._settled(item, following))
        self.job.line.send(done=message["id"])
        gc.collect()

    def _settled(self, item: pytest.Item, following: pytest.Item | None) -> dict[str, Any]:
        """The outcome of a check; what may be the machine's fault is tried again.

        A submission whose process was killed at every try makes that noise itself, and is tried once from then on.
        """
        backend = item.config.stash[BACKEND]
        assert isinstance(backend, ConfinedBackend)
        for _ in range(backend.tries):
            reports, outcome = self._check(item, following)
            verdicts = [getattr(report, "verdict", Verdict) for report in reports]
            if all(verdict.final for verdict in verdicts):
                return outcome
        if any(isinstance(verdict, Killed) for verdict in verdicts):
            backend.tries = 1
        return outcome

    def _check(
        self, item: pytest.Item, following: pytest.Item | None
    ) -> tuple[list[pytest.TestReport], dict[str, Any]]:
        start = time.monotonic()
        reports = runtestprotocol(item, log=False, nextitem=following)
        if self.lost:
            raise self.lost
        measured = storable(item.stash.get(MEASURED, {}))
        return reports, outcome_of(reports) | {"seconds": round(time.monotonic() - start, 4), "measured": measured}

    def pytest_exception_interact(self, call: pytest.CallInfo[None]) -> None:
        """Without its zygote this worker can judge nothing more."""
        if call.excinfo and isinstance(call.excinfo.value, ZygoteError):
            self.lost = call.excinfo.value


def described(item: pytest.Item) -> dict[str, Any]:
    """A check without its outcome."""
    check = check_of(item)
    assert check is not None
    return {
        "topic": topic_of(item),
        "task": check.task,
        "kind": check.kind,
        "name": name_of(item, check),
        "max_points": check.points,
        "hint": check.hint,
    }


def outcome_of(reports: list[pytest.TestReport]) -> dict[str, Any]:
    """Status, message and diagnosis; passed only when every phase passed."""
    for report in reports:
        verdict: Verdict | None = getattr(report, "verdict", None)
        if verdict is not None:
            return {"status": verdict.status, "message": verdict.message, "diagnosis": verdict.diagnosis}
        if report.outcome != "passed":
            message = "the grader could not judge this check; this is a fault of the grader"
            return {"status": "error", "message": message, "diagnosis": None, "crash": str(report.longrepr)[-4000:]}
    if [report.when for report in reports] != ["setup", "call", "teardown"]:
        return {"status": "error", "message": "the check did not run", "diagnosis": None, "crash": "phases missing"}
    return {"status": "passed", "message": "", "diagnosis": None}


def arguments(device: str, topics: Collection[str]) -> list[str]:
    """pytest's command line: the topics' trusted files, a named configuration, and none of its reports."""
    files = sorted(str(path) for topic in topics for path in HIDDEN.rglob(f"test_{topic}.py"))
    return [
        *(files or [str(HIDDEN)]),
        f"--rootdir={ROOT}",
        *("-o", "addopts=--import-mode=importlib --strict-markers"),
        f"--config-file={ROOT / 'pyproject.toml'}",
        *("-p", "no:terminal", "-p", "no:cacheprovider", "-p", "no:logging", "-p", "no:capture"),
        "--assert=plain",
        *("-W", "ignore"),  # a warning that a student's values cause is no fault of the judgement
        f"--device={device}",
    ]


def serve(job: Job) -> int:
    """Collect the hidden tests, and serve until the line closes."""
    serving = Serving(job)
    code = int(pytest.main(arguments(job.device, job.topics), plugins=[serving]))
    if serving.lost:
        raise serving.lost
    job.zygote.close()
    return code
