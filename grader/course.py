"""course.toml: what a course has decided about weights, due dates, lateness, pass marks, and what students see."""

import re
import tomllib
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator

NAME = "course.toml"
AFTER_DUE = "after due"

When = Literal["at once", "after due", "never"]
Percent = Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)]


class CourseError(ValueError):
    """A file about the course can't be used; the message says where and why."""


class Table(BaseModel):
    """TOML has types of its own, so nothing is converted; what is misspelt is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Late(Table):
    percent: Percent = 0.0  # of what is earned, for each day or hour that has begun
    per: Literal["day", "hour"] = "day"
    cap: Percent = 100.0
    grace_minutes: float = Field(default=0.0, ge=0, le=525_600, allow_inf_nan=False)

    @property
    def grace(self) -> timedelta:
        return timedelta(minutes=self.grace_minutes)


class See(Table):
    message: When = "at once"
    hint: When = "at once"
    diagnosis: When = "at once"


class Topic(Table):
    weight: float = Field(default=1.0, ge=1e-6, le=1e6, allow_inf_nan=False)
    counts: bool = True
    due: AwareDatetime | None = None
    pass_mark: Percent | None = None


class Course(Table):
    due: AwareDatetime | None = None
    pass_mark: Percent | None = None
    late: Late = Late()
    see: See = See()
    topics: dict[str, Topic] = Field(default_factory=dict)

    def topic(self, name: str) -> Topic:
        return self.topics.get(name, Topic())

    def due_of(self, name: str) -> datetime | None:
        return self.topic(name).due or self.due

    @model_validator(mode="after")
    def _due_is_known(self) -> Self:
        dates = [self.due, *(topic.due for topic in self.topics.values())]
        if AFTER_DUE in dict(self.see).values() and not any(dates):
            raise ValueError(f'"{AFTER_DUE}" needs a due date')
        return self


def read_course(path: Path, topics: Sequence[str]) -> Course:
    """The course that a file describes; its topics must be among these."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        course = Course.model_validate(tomllib.loads(text))
    except OSError as error:
        raise CourseError(f"{path} can't be read: {error.strerror}") from error
    except ValidationError as error:
        raise CourseError(f"{path}: {'; '.join(_said(text, problem) for problem in error.errors())}") from error
    except ValueError as error:  # of TOML or UTF-8
        raise CourseError(f"{path}: {error}") from error
    if unknown := sorted(course.topics.keys() - set(topics)):
        where = _at(text, ("topics", unknown[0]))
        raise CourseError(f"{path}: {where}unknown topic {', '.join(unknown)}; there is: {', '.join(topics)}")
    return course


def _said(text: str, problem: Any) -> str:
    """One problem, with its line and key."""
    location = tuple(str(part) for part in problem["loc"])
    key = f"{'.'.join(location)}: " if location else ""
    why = "unknown key" if problem["type"] == "extra_forbidden" else problem["msg"].removeprefix("Value error, ")
    return f"{_at(text, location)}{key}{why[:1].lower()}{why[1:]}"


def _at(text: str, location: tuple[str, ...]) -> str:
    """Where a key stands; its table, if it has no line of its own."""
    lines = [(names, number) for names, number in _keys(text) if names == location[: len(names)]]
    return f"line {max(lines, key=lambda line: len(line[0]))[1]}: " if lines else ""


def _keys(text: str) -> Iterable[tuple[tuple[str, ...], int]]:
    """Full name and line of every key and table that stands at the beginning of a line."""
    table: tuple[str, ...] = ()
    for number, line in enumerate(text.splitlines(), 1):
        if header := re.match(r"\s*\[([^\[\]]+)\]", line):
            table = _names(header[1])
            yield table, number
        elif key := re.match(r"\s*([\w.\"' -]+?)\s*=", line):
            yield (*table, *_names(key[1])), number


def _names(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip().strip("\"'") for part in dotted.split("."))
