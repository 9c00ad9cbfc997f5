"""grade.py's side of its workers: starting them, giving them submissions, replacing one that dies."""

import base64
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from grader.collect import Collected
from grader.paths import COURSE, ROOT

PACKAGES = Path(__file__).resolve().parent.parent  # where this package is found
PATIENCE = 600.0  # seconds without a line from a worker: twice what a whole submission may use, so it must hang
START = "import sys; sys.path.insert(0, sys.argv[1]); from grader.worker import main; sys.exit(main())"
KEPT = ("PATH", "LANG", "LC_ALL", "TZ", "LD_LIBRARY_PATH", "CUDA_VISIBLE_DEVICES")
ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONUTF8": "1",
    "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    "PYTORCH_NVML_BASED_CUDA_CHECK": "1",
    "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",  # a fork copies page tables; huge pages have 512 times fewer
}


class WorkerError(Exception):
    """A worker could not start, or died."""


class WorkerKilled(WorkerError):
    """A signal ended it: another one may fare better."""


@dataclass(frozen=True)
class Settings:
    """What every worker of a run is told."""

    device: str
    topics: list[str]
    kinds: list[str]
    secrets: list[str]
    limits: dict[str, float]
    without: tuple[str, ...] = ()


@dataclass
class Worker:
    """One worker process."""

    settings: Settings
    core: int
    process: subprocess.Popen[bytes] = field(init=False)
    protection: dict[str, Any] = field(init=False, default_factory=dict)
    checks: list[dict[str, Any]] = field(init=False, default_factory=list)
    hung: bool = field(init=False, default=False)

    def start(self) -> None:
        """Start it and wait until it has collected its checks."""
        environment = {key: os.environ[key] for key in KEPT if key in os.environ} | ENVIRONMENT | {COURSE: str(ROOT)}
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-c", START, str(PACKAGES)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            cwd="/",
            start_new_session=True,  # Ctrl-C is for grade.py
        )
        told = self.settings
        self._send(device=told.device, without=list(told.without), core=self.core)
        job = {"topics": told.topics, "kinds": told.kinds, "limits": told.limits}
        self._send(secrets=told.secrets, job=job)
        self.protection = self._receive()["ready"]
        self.checks = self._receive()["checks"]

    def grade(self, submission: Collected, seed: str) -> Iterator[dict[str, Any]]:
        """The outcomes of all checks, as they come."""
        sources = {topic: base64.b64encode(source).decode() for topic, source in submission.sources.items()}
        self._send(id=submission.id, seed=seed, sources=sources, problems=dict(submission.problems))
        while "done" not in (message := self._receive()):
            yield message["check"]

    def stop(self) -> None:
        """Let it end by itself, then make it."""
        assert self.process.stdin
        self.process.stdin.close()
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(2)
        self.kill()

    def kill(self) -> None:
        """End it and all its children, who die with it."""
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe:
                with suppress(BrokenPipeError):
                    pipe.close()

    def _send(self, **message: Any) -> None:
        assert self.process.stdin
        try:
            self.process.stdin.write(json.dumps(message).encode() + b"\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            raise self._end() from None

    def _receive(self) -> dict[str, Any]:
        assert self.process.stdout
        watch = threading.Timer(PATIENCE, self._give_up)
        watch.daemon = True
        watch.start()
        try:
            line = self.process.stdout.readline()
        finally:
            watch.cancel()
        if not line:
            raise self._end()
        message: dict[str, Any] = json.loads(line)
        if "failed" in message:
            raise WorkerError(message["failed"])
        return message

    def _give_up(self) -> None:
        """Nothing that a worker does takes so long, so this ends the wait for it."""
        self.hung = True
        self.process.kill()

    def _end(self) -> WorkerError:
        status = self.process.wait()
        if self.hung:
            return WorkerKilled(f"a worker said nothing for {PATIENCE:g} s")
        if status < 0:
            return WorkerKilled(f"a worker was killed by signal {-status}")
        return WorkerError(f"a worker ended with exit code {status}")
