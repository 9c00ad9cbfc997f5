"""Running: submissions go through a queue to workers; what comes back is scored at once."""

import os
import queue
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from grader.collect import Collected
from grader.paths import BANK, HIDDEN, SOLUTIONS
from grader.results import Confinement, Results, Run, Submission
from grader.scoring import score, unreadable
from grader.workers import Settings, Worker, WorkerError

LIMITS = {"cpu": 8.0, "wall": 20.0, "submission_wall": 300.0}


class GradingError(Exception):
    """Nothing can be graded here; the message says why and what to do."""


class Readable(Protocol):
    """A submission that is read when its turn comes."""

    @property
    def id(self) -> str: ...
    def read(self) -> Collected: ...


class Watcher(Protocol):
    """Who is told how it goes."""

    def submission_started(self, id: str) -> None: ...
    def check_done(self, id: str, done: int, total: int) -> None: ...
    def submission_done(self, submission: Submission) -> None: ...


@dataclass(frozen=True)
class Options:
    """What grade.py was asked for."""

    topics: list[str]
    kinds: list[str]
    device: str = "auto"
    jobs: int = 1
    seed: str = field(default_factory=lambda: secrets.token_hex(16))
    allow_unconfined: bool = False
    without: tuple[str, ...] = ()  # walls that are left down; only tests set it
    hidden_from: tuple[str, ...] = ()  # more paths that the self-test must not be able to read


@dataclass
class Outcome:
    """A run's results, and what the grader itself could not do."""

    results: Results
    troubles: list[str]


def run(found: Sequence[Readable], options: Options, watcher: Watcher) -> Outcome:
    """Grade every submission; the order of the results is that of `found`."""
    started = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    clock = time.monotonic()
    team = _Team(options, watcher, queue.SimpleQueue(), {}, [])
    for submission in found:
        team.waiting.put(submission)
    team.work()
    results = Results(
        run=Run(
            started=started,
            seconds=round(time.monotonic() - clock, 3),
            confinement=Confinement(**{key: team.protection[key] for key in ("layers", "missing")}),
            device=team.protection["device"],
            versions=team.protection["versions"],
            seed=options.seed,
        ),
        submissions=[team.graded[submission.id] for submission in found],
    )
    return Outcome(results, team.troubles)


@dataclass
class _Team:
    """All workers of a run; each has a thread here that feeds it."""

    options: Options
    watcher: Watcher
    waiting: "queue.SimpleQueue[Readable]"
    graded: dict[str, Submission]
    troubles: list[str]
    protection: dict[str, Any] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)
    failure: BaseException | None = None

    def work(self) -> None:
        first = self._hire(0)
        self.protection = _accepted(first, self.options)
        jobs = max(1, min(self.options.jobs, self.waiting.qsize()))
        threads = [
            threading.Thread(target=self._attend, args=(number, first if number == 0 else None), daemon=True)
            for number in range(jobs)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            while thread.is_alive():  # so that Ctrl-C is heard
                thread.join(0.2)
        if self.failure:
            raise self.failure

    def _hire(self, number: int) -> Worker:
        worker = Worker(_settings(self.options), _core(number))
        try:
            worker.start()
        except WorkerError as error:
            worker.kill()
            raise GradingError(f"no worker could be started: {error}") from None
        return worker

    def _attend(self, number: int, worker: Worker | None) -> None:
        try:
            worker = worker or self._hire(number)
            for found in self._next():
                worker = self._grade(found.read(), worker, number)
        except BaseException as error:
            self.failure = error
        finally:
            if worker:
                worker.stop()

    def _next(self) -> Iterator[Readable]:
        while not self.failure:
            try:
                yield self.waiting.get_nowait()
            except queue.Empty:
                return

    def _grade(self, submission: Collected, worker: Worker, number: int) -> Worker:
        """Grade one submission; a worker that dies of it is replaced, and the submission tried once more."""
        self._tell(lambda w: w.submission_started(submission.id))
        cause = ""
        for _ in range(2):
            try:
                self._keep(self._graded(submission, worker))
                return worker
            except WorkerError as error:
                cause = str(error)
                worker.kill()
                worker = self._hire(number)
        self.troubles.append(f"{submission.id}: {cause}, twice")
        self._keep(unreadable(submission.id, worker.checks, f"the grader could not grade this submission: {cause}"))
        return worker

    def _graded(self, submission: Collected, worker: Worker) -> Submission:
        if submission.message is not None:
            return unreadable(submission.id, worker.checks, "; ".join([submission.message, *submission.notes]))
        start = time.monotonic()
        outcomes: list[dict[str, Any]] = []
        for outcome in worker.grade(submission):
            outcomes.append(outcome)
            if "crash" in outcome:
                check = worker.checks[len(outcomes) - 1]
                self.troubles.append(f"{submission.id}: {check['topic']}.{check['task']}: {outcome['crash']}")
            self._tell(lambda w: w.check_done(submission.id, len(outcomes), len(worker.checks)))
        return score(submission.id, worker.checks, outcomes, time.monotonic() - start, submission.notes)

    def _keep(self, submission: Submission) -> None:
        with self.lock:
            self.graded[submission.id] = submission
        self._tell(lambda w: w.submission_done(submission))

    def _tell(self, news: Callable[[Watcher], None]) -> None:
        with self.lock:
            news(self.watcher)


def _settings(options: Options) -> Settings:
    """The same for every worker."""
    guarded = [str(path) for path in (HIDDEN, SOLUTIONS, BANK) if path.exists()]
    return Settings(
        device=options.device,
        seed=options.seed,
        topics=options.topics,
        kinds=options.kinds,
        secrets=[*guarded, *(str(Path(path).resolve()) for path in options.hidden_from)],
        limits=LIMITS,
        without=options.without,
    )


def _core(number: int) -> int:
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else [0]
    return cores[number % len(cores)]


def _accepted(worker: Worker, options: Options) -> dict[str, Any]:
    """The first worker's protection, if it holds or the instructor does without."""
    found = worker.protection
    broken = "; ".join(found["broken"])
    escapes = "; ".join(found["escapes"])
    if escapes and not options.allow_unconfined:
        worker.kill()
        raise GradingError(
            f"the confinement does not hold here: student code could {escapes}. Nothing was graded. "
            "SECURITY.md says what is needed; --allow-unconfined grades all the same, for files that you trust."
        )
    if broken:
        worker.kill()
        raise GradingError(f"honest code would not run confined here: it could not {broken}. See SECURITY.md.")
    if escapes:
        found["missing"] = [*found["missing"], f"self-test failed: {escapes}"]
        found["layers"] = ["UNSANDBOXED", *found["layers"]]
    return found
