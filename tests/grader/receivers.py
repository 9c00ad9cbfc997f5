"""Those who read the reports: their schemas where they publish one, else their rules, written down here as code.

What each was taken from stands with it. Everything here is strict: a key that a receiver does not know is an error.
"""

import csv
import functools
import io
import json
import re
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import jsonschema
import xmlschema
from pydantic import BaseModel, ConfigDict, Field, model_validator

SCHEMAS = Path(__file__).with_name("schemas")
Amount = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=0)]
Name = Annotated[str, Field(min_length=1)]
Instant = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}T([01]\d|2[0-3]):[0-5]\d:[0-5]\dZ$")]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


# Gradescope: gradescope-autograders.readthedocs.io/en/latest/specs/, "Output format"

Visibility = Literal["hidden", "after_due_date", "after_published", "visible"]
Format = Literal["text", "html", "simple_format", "md", "ansi"]


class GradescopeTest(Strict):
    score: Amount | None = None
    max_score: Amount | None = None
    status: Literal["passed", "failed"] | None = None
    name: str = ""
    name_format: Format = "text"
    number: str = ""
    output: str = ""
    output_format: Format = "text"
    tags: list[str] = []
    visibility: Visibility = "visible"
    extra_data: dict[str, Any] = {}


class Gradescope(Strict):
    score: Amount | None = None
    execution_time: Amount | None = None
    output: str = ""
    output_format: Format = "text"
    test_output_format: Format = "text"
    test_name_format: Format = "text"
    visibility: Visibility = "visible"
    stdout_visibility: Visibility = "hidden"
    extra_data: dict[str, Any] = {}
    tests: list[GradescopeTest] = []
    leaderboard: list[dict[str, Any]] = []

    @model_validator(mode="after")
    def _the_total_is_shown_and_some_score_is_there(self) -> Self:
        if any(test.visibility == "hidden" for test in self.tests):
            raise ValueError("a hidden test hides the total")
        if self.score is None and any(test.score is None for test in self.tests):
            raise ValueError("a score is needed, or one on each test")
        return self


def gradescope(text: str | bytes) -> Gradescope:
    return Gradescope.model_validate_json(text)


# Classroom 50: foundation50/classroom50, schemas/result-v1.schema.json and validate_result of runner.py


class Classroom50Test(BaseModel):
    model_config = ConfigDict(strict=True)  # more keys are kept as they are

    name: Name = Field(alias="test-name")
    passed: bool
    score: Count
    most: Count = Field(alias="max-score")

    @model_validator(mode="after")
    def _no_more_than_all(self) -> Self:
        if self.score > self.most:
            raise ValueError(f"score ({self.score}) > max-score ({self.most})")
        return self


class Classroom50(Strict):
    format: Literal["classroom50/result/v1"] = Field(alias="schema")
    classroom: Name
    assignment: Name
    assignment_type: Literal["individual", "group"]
    owner: Name
    submission: Annotated[str, Field(pattern="^submit/")]
    commit: Name
    release: Name
    review: Name
    datetime: Instant
    graded_at: Instant | None = None
    score: Count
    most: Count = Field(alias="max-score")
    tests: list[Classroom50Test]

    _no_more_than_all = model_validator(mode="after")(lambda self: Classroom50Test._no_more_than_all(self))


def classroom50(content: dict[str, Any]) -> Classroom50:
    """What the runner makes of a result: it stamps whose it is, and of which kind."""
    return Classroom50.model_validate({**content, "owner": "ann", "assignment_type": "individual"})


# Canvas: instructure/canvas-lms, lib/gradebook_importer.rb

NO_ASSIGNMENT = re.compile(r"(Current|Final) (Score|Points|Grade)|Override (Score|Grade|Status)")


class CanvasError(Exception):
    """`InvalidHeaderRow`, or an assignment that is passed over."""


def canvas(text: str) -> tuple[str, float, dict[str, str]]:
    """(title, points possible, grade by SIS Login ID), as the importer finds them."""
    if _fields(text, ";") > _fields(text, ","):
        raise CanvasError("is taken for a file with semicolons")
    header, *rows = csv.reader(io.StringIO(text, newline=""))
    titles = [title for title in header[_student_columns(header) :] if not NO_ASSIGNMENT.search(title)]
    if len(titles) != 1:
        raise CanvasError(f"the assignments are {titles}")
    at = header.index(titles[0])
    most = [row for row in rows if "Points Possible" in row[0]]
    students = [row for row in rows if row not in most and not _says_how_grades_are_posted(row)]
    return titles[0], float(_number(most[-1][at])), {row[3]: _number(row[at].strip()) for row in students}


def _fields(text: str, separator: str) -> int:
    """How many a line has, where the first three agree on it."""
    counts = {len(next(csv.reader([line], delimiter=separator))) for line in text.splitlines()[:3]}
    return counts.pop() if len(counts) == 1 else 0


def _student_columns(header: list[str]) -> int:
    if len(header) <= 3 or "Student" not in header[0] or "ID" not in header[1]:
        raise CanvasError("Invalid header row")
    sis = re.search(r"SIS\s+User\s+ID", header[2]) and re.search(r"SIS\s+Login\s+ID", header[3])
    columns = 5 if sis else 3
    if "Section" not in header[columns - 1]:
        raise CanvasError("Invalid header row")
    return columns


def _says_how_grades_are_posted(row: list[str]) -> bool:
    return all(re.search(r"^\s*(Muted|Manual Posting.*)?\s*$", cell, re.I | re.M) for cell in row if cell)


def _number(cell: str) -> str:
    """Commas and points between digits but the last are left out."""
    if not re.search(r"^-?[0-9.,]+%?$", cell):
        return cell
    *first, last = re.split("[,.]", cell)
    return f"{''.join(first)}.{last}" if first else last


# Moodle: mod/assign/feedback/offline/importgradeslib.php and locallib.php, lib/csvlib.class.php


def moodle(text: str, most: float = 100.0, separator: str = ",") -> dict[str, float]:
    """The grades that the importer sets, by participant's number."""
    header, *rows = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=separator)
    if any(len(row) != len(header) for row in rows):
        raise ValueError("csvweirdcolumns")
    number, grade, _ = (header.index(name) for name in ("Identifier", "Grade", "Last modified (grade)"))
    cells = {row[number][len("Participant ") :]: row[grade].strip().replace(",", ".") for row in rows}
    grades = {who: float(cell) for who, cell in cells.items() if cell}
    return {who: value for who, value in grades.items() if 0 <= value <= most}


# CTRF and JUnit publish schemas


@functools.cache
def _ctrf() -> jsonschema.Draft7Validator:
    schema = json.loads((SCHEMAS / "ctrf-schema-0.0.json").read_text(encoding="utf-8"))
    return jsonschema.Draft7Validator(schema, format_checker=jsonschema.FormatChecker())


def ctrf(text: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(text, parse_constant=_no_number)
    _ctrf().validate(content)
    return content


def _no_number(constant: str) -> float:
    raise ValueError(f"{constant} is not JSON")


@functools.cache
def _junit() -> xmlschema.XMLSchema10:
    return xmlschema.XMLSchema10(SCHEMAS / "junit-10.xsd")


def junit(text: str) -> None:
    _junit().validate(text.encode())
