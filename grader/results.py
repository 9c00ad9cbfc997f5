"""results.json, schema 1: the one source that every report is written from."""

import json
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Literal, Self, TextIO

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, JsonValue, field_validator, model_validator

from grader.files import atomic
from grader.storable import storable, text

SCHEMA = 1
ROUNDING = 1e-9

Kind = Literal["correctness", "gpu", "speed"]
Status = Literal["passed", "failed", "error", "timeout", "not_started", "unproven"]


class ResultsError(ValueError):
    """A file is not a results.json that this version reads."""


def _measured(value: object) -> object:
    return storable(value) if isinstance(value, dict) else value


Text = Annotated[str, BeforeValidator(text)]
Measured = Annotated[dict[str, JsonValue], BeforeValidator(_measured)]
Amount = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Confinement(Model):
    layers: list[Text]
    missing: list[Text]


class Run(Model):
    started: str
    seconds: Amount
    confinement: Confinement
    device: Text
    versions: dict[str, Text]
    seed: Text

    @field_validator("started")
    @classmethod
    def _utc(cls, value: str) -> str:
        moment = datetime.fromisoformat(value.replace("Z", "+00:00"))
        if moment.utcoffset() != timedelta(0):
            raise ValueError(f"started must be a time in UTC, as 2026-01-31T12:00:00Z, not {value}")
        return value


class CheckResult(Model):
    topic: Text
    task: Text
    kind: Kind
    name: Text
    status: Status
    points: Amount
    max_points: Amount
    message: Text = ""
    hint: Text = ""
    diagnosis: Text | None = None
    seconds: Amount = 0.0
    measured: Measured = Field(default_factory=dict)

    @model_validator(mode="after")
    def _points_need_proof(self) -> Self:
        if self.points > self.max_points:
            raise ValueError(f"{self.points} points of {self.max_points}")
        if self.points > 0 and self.status != "passed":
            raise ValueError(f"{self.points} points for a check that is {self.status}")
        return self


class Submission(Model):
    id: Text
    status: Literal["graded", "unreadable"]
    message: Text = ""
    points: Amount
    max_points: Amount
    seconds: Amount = 0.0
    checks: list[CheckResult] = Field(default_factory=list)

    @model_validator(mode="after")
    def _points_are_the_sum(self) -> Self:
        total = math.fsum(check.points for check in self.checks)
        if not math.isclose(self.points, total, rel_tol=0, abs_tol=ROUNDING):
            raise ValueError(f"{self.points} points, but the checks sum to {total}")
        if self.points > self.max_points + ROUNDING:
            raise ValueError(f"{self.points} points of {self.max_points}")
        return self


@dataclass(frozen=True)
class Pair:
    """Two submissions whose code for a topic is alike, and which share of the smaller one is in the other."""

    topic: str
    one: str
    other: str
    share: float


@dataclass(frozen=True)
class Results:
    """A run and its submissions, which may be read one by one from where they are kept."""

    run: Run
    submissions: Sequence[Submission]
    similar: Sequence[Pair] | None = None  # None: not looked for

    @property
    def ids(self) -> Sequence[str]:
        """Known ahead where submissions are read one by one."""
        known: Sequence[str] | None = getattr(self.submissions, "ids", None)
        return known if known is not None else [submission.id for submission in self.submissions]


class _File(Model):
    schema_: Literal[1] = Field(alias="schema")
    run: Run
    submissions: list[Submission]


def write_results(path: Path, results: Results) -> None:
    """The file of a whole run."""
    with results_file(path, results.run) as file:
        for submission in results.submissions:
            file.add(submission)
        file.finish()


@contextmanager
def results_file(path: Path, run: Run) -> Iterator["ResultsFile"]:
    """A results.json that is there as a whole once the block ends."""
    with atomic(path) as file:
        yield ResultsFile(path, file, run)


class ResultsFile:
    """Writes results.json submission by submission, so that a large class never lies in memory: a line a check."""

    def __init__(self, path: Path, file: TextIO, run: Run) -> None:
        self.path, self._write, self._between = path, file.write, ""
        self._write(f'{{\n "schema": {SCHEMA},\n "run": {run.model_dump_json()},\n "submissions": [')

    def add(self, submission: Submission) -> None:
        head = submission.model_dump_json(exclude={"checks"}).removesuffix("}")
        checks = ",".join(f"\n   {check.model_dump_json()}" for check in submission.checks)
        self._write(f'{self._between}\n  {head},"checks":[{checks}]}}')
        self._between = ","

    def finish(self) -> list[Path]:
        self._write("\n ]\n}\n")
        return [self.path]


def read_results(path: Path) -> Results:
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise ResultsError(f"{path} is not JSON: {error}") from error
    schema = raw.get("schema") if isinstance(raw, dict) else None
    if schema != SCHEMA:
        raise ResultsError(f"{path} has schema {schema!r}; this version of gradkit reads schema {SCHEMA}")
    try:
        file = _File.model_validate(raw)
    except (ValueError, ArithmeticError, RecursionError) as error:
        raise ResultsError(f"{path} does not keep to schema {SCHEMA}: {error}") from error
    return Results(file.run, file.submissions)
