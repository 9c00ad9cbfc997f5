"""Running: submissions go through a queue to workers; what comes back is scored and kept at once."""

import json
import os
import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from grader.collect import Collected
from grader.excerpts import attach
from grader.fingerprint import content_digest, setup_digest
from grader.gradebook import Entry, Gradebook, Shelf, in_memory
from grader.paths import BANK, HIDDEN, SOLUTIONS
from grader.results import Confinement, Results, Run, Submission
from grader.scoring import score, unreadable
from grader.workers import Settings, Worker, WorkerError, WorkerKilled

HIRES = 3  # tries to start a worker that is killed each time
LIMITS = {"cpu": 8.0, "wall": 20.0, "submission_wall": 300.0}


class GradingError(Exception):
    """Nothing can be graded here; the message says why and what to do."""


class Readable(Protocol):
    """A submission that is read when its turn comes."""

    @property
    def id(self) -> str: ...
    def read(self) -> Collected: ...


class Watcher:
    """Who is told how it goes; this one does not listen."""

    def remembered(self, count: int) -> None:
        """So many submissions have a result from before."""

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
    seed: str | None = None  # None: that of the run that goes on, or a new secret
    fresh: bool = False
    allow_unconfined: bool = False
    without: tuple[str, ...] = ()  # walls that are left down; only tests set it
    hidden_from: tuple[str, ...] = ()  # more paths that the self-test must not be able to read


@dataclass
class Outcome:
    """A run's results, and what the grader itself could not do."""

    results: Results
    troubles: list[str]


def run(
    found: Sequence[Readable],
    options: Options,
    watcher: Watcher | None = None,
    book: Gradebook | None = None,
) -> Outcome:
    """Grade every submission that the gradebook does not know; the order of the results is that of `found`."""
    book = book or in_memory()
    entry = book.begin(_setup(options), options.seed, fresh=options.fresh)
    team = _Team(options, watcher or Watcher(), book, entry)
    team.sort_out(found)
    team.work()
    book.finish(entry, team.seconds())
    results = Results(
        run=Run(
            started=entry.started,
            seconds=round(team.seconds(), 3),
            confinement=Confinement(**{key: team.protection[key] for key in ("layers", "missing")}),
            device=team.protection["device"],
            versions=team.protection["versions"],
            seed=entry.seed,
        ),
        submissions=Shelf(book, entry, tuple(submission.id for submission in found)),
    )
    return Outcome(results, team.troubles)


def _setup(options: Options) -> str:
    """The digest of all that a result depends on beside seed and submission."""
    names = ("topics", "kinds", "device", "allow_unconfined", "without")
    return setup_digest(limits=LIMITS, **{name: getattr(options, name) for name in names})


@dataclass
class _Team:
    """All workers of a run; each has a thread here that feeds it."""

    options: Options
    watcher: Watcher
    book: Gradebook
    entry: Entry
    waiting: "queue.SimpleQueue[Readable]" = field(default_factory=queue.SimpleQueue)
    troubles: list[str] = field(default_factory=list)
    protection: dict[str, Any] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)
    failure: BaseException | None = None
    clock: float = field(default_factory=time.monotonic)

    def seconds(self) -> float:
        """How long the run has taken, before it was interrupted too."""
        return self.entry.seconds + time.monotonic() - self.clock

    def sort_out(self, found: Sequence[Readable]) -> None:
        """Queue the submissions whose content has no result yet."""
        if self.entry.protection:
            self.protection = json.loads(self.entry.protection)
        remembered = 0
        for submission in found:
            if self.protection and self.book.known(self.entry, submission.id, content_digest(submission.read())):
                remembered += 1
            else:
                self.waiting.put(submission)
        if remembered:
            self._tell(lambda w: w.remembered(remembered))

    def work(self) -> None:
        if self.waiting.empty() and self.protection:
            return
        first = self._hire(0)
        self.protection = _accepted(first, self.options)
        self.book.protect(self.entry, json.dumps(self.protection))
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
        for _ in range(HIRES):
            worker = Worker(_settings(self.options), _core(number))
            try:
                worker.start()
            except WorkerError as error:
                worker.kill()
                cause = error
                if not isinstance(error, WorkerKilled):
                    break
            else:
                return worker
        raise GradingError(f"no worker could be started: {cause}")

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
        content = content_digest(submission)
        cause = ""
        for _ in range(2):
            try:
                graded, faults = self._graded(submission, content, worker)
                self.troubles += faults
                self._keep(content, graded, settled=not faults)
                return worker
            except WorkerError as error:
                cause = str(error)
                worker.kill()
                worker = self._hire(number)
        self.troubles.append(f"{submission.id}: {cause}, twice")
        broken = unreadable(submission.id, worker.checks, f"the grader could not grade this submission: {cause}")
        self._keep(content, broken, settled=False)
        return worker

    def _graded(self, submission: Collected, content: str, worker: Worker) -> tuple[Submission, list[str]]:
        """A submission's result, and the faults of the grader that showed; another content meets other inputs."""
        if submission.message is not None:
            return unreadable(submission.id, worker.checks, "; ".join([submission.message, *submission.notes])), []
        start = time.monotonic()
        outcomes: list[dict[str, Any]] = []
        faults = []
        for outcome in worker.grade(submission, seed=f"{self.entry.seed}/{content}"):
            outcomes.append(outcome)
            if "crash" in outcome:
                check = worker.checks[len(outcomes) - 1]
                faults.append(f"{submission.id}: {check['topic']}.{check['task']}: {outcome['crash']}")
            self._tell(lambda w: w.check_done(submission.id, len(outcomes), len(worker.checks)))
        attach(worker.checks, outcomes, submission.sources)
        return score(submission.id, worker.checks, outcomes, time.monotonic() - start, submission.notes), faults

    def _keep(self, content: str, submission: Submission, *, settled: bool) -> None:
        settled = settled and all(check.status != "unproven" for check in submission.checks)
        self.book.keep(self.entry, content, submission, settled=settled, seconds=self.seconds())
        self._tell(lambda w: w.submission_done(submission))

    def _tell(self, news: Callable[[Watcher], None]) -> None:
        with self.lock:
            news(self.watcher)


def _settings(options: Options) -> Settings:
    """The same for every worker."""
    guarded = [str(path) for path in (HIDDEN, SOLUTIONS, BANK) if path.exists()]
    return Settings(
        device=options.device,
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
