"""Reports: one module a format, found by name. A module with `begin(results, out)` is a format; adding one adds it.

A report is told one submission after the other, so that a class is read once and never lies in memory as a whole. Where
a course has a policy, it is told what students may see; a format that no student gets to read says `SEES_ALL = True`.
"""

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from grader.policy import policy_of
from grader.results import Results, Submission


class Report(Protocol):
    """One format of one run."""

    def add(self, submission: Submission) -> None:
        """The next submission."""

    def finish(self) -> list[Path]:
        """The paths of what was written, once all submissions were added."""


class Begin(Protocol):
    """How a format begins: it may look at the run and the ids, and is told the submissions."""

    def __call__(self, results: Results, out: Path) -> Report: ...


@dataclass(frozen=True)
class Written:
    """The paths of what was written, and why some formats were not."""

    paths: list[Path]
    errors: list[str]


def write_all(results: Results, out: Path, *more: Report) -> Written:
    """Every format, written into out, and the caller's own reports."""
    reports = [_Guarded(name, begin, results, out, sees_all) for name, begin, sees_all in _formats()]
    policy = policy_of(results)
    for submission in results.submissions:
        visible = policy.visible(submission) if policy else submission
        for own in more:
            own.add(submission)
        for report in reports:
            report.add(submission if report.sees_all else visible)
    paths = [path for report in (*more, *reports) for path in report.finish()]
    errors = [f"{report.name} could not be written: {report.error}" for report in reports if report.error]
    return Written(paths, errors)


class _Guarded:
    """A format whose failure is its own: the others are written all the same."""

    def __init__(self, name: str, begin: Begin, results: Results, out: Path, sees_all: bool) -> None:
        self.name, self.sees_all = name, sees_all
        self.error: Exception | None = None
        self._report: Report
        self._attempt(lambda: setattr(self, "_report", begin(results, out)))

    def add(self, submission: Submission) -> None:
        self._attempt(lambda: self._report.add(submission))

    def finish(self) -> list[Path]:
        written: list[Path] = []
        self._attempt(lambda: written.extend(self._report.finish()))
        return written

    def _attempt(self, act: Callable[[], None]) -> None:
        if self.error is None:
            try:
                act()
            except Exception as error:
                self.error = error


def _formats() -> Iterator[tuple[str, Begin, bool]]:
    for name in sorted(module.name for module in pkgutil.iter_modules(__path__)):
        module = importlib.import_module(f"{__name__}.{name}")
        begin = getattr(module, "begin", None)
        if begin is not None:
            yield name, begin, getattr(module, "SEES_ALL", False)
