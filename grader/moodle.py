"""`python -m grader.moodle WORKSHEET results/results.json --out FILLED.csv`: points into Moodle's grading worksheet.

The worksheet is what an assignment offers under "Download grading worksheet". Its cells for grades are filled in; all
else stays as it is, byte for byte, for Moodle checks there who was meant and what has been graded since.
"""

import argparse
import re
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.files import atomic
from grader.reports.escape import workflow
from grader.results import ResultsError, Submission, read_results

MOST = "maximum grade"
SEPARATORS = (",", ";", "\t")
DOWNLOADED = re.compile(r"_(\d+)_assign(?:submission|feedback)_")  # in names that Moodle gives to submissions
BYTES = {"encoding": "utf-8", "errors": "surrogateescape"}  # whatever the bytes are, they come back


class WorksheetError(Exception):
    """The file is not a grading worksheet."""


@dataclass(frozen=True)
class Columns:
    """The headers, which Moodle writes in the instructor's language."""

    identifier: str = "Identifier"
    name: str = "Full name"
    email: str = "Email address"
    grade: str = "Grade"


@dataclass(frozen=True)
class Cell:
    """A value, and where it stands in the text."""

    value: str
    begin: int
    end: int


@dataclass(frozen=True)
class Filled:
    """The new text, and what did not go into it."""

    text: str
    filled: int
    problems: list[str]


def fill(text: str, submissions: Iterable[Submission], columns: Columns = Columns()) -> Filled:
    """Each graded submission's points into the one row that it belongs to."""
    rows = _rows(text, columns)
    wanted, problems = _placed(rows, submissions, columns)
    changes = {rows[k][columns.grade]: grade for k, grade in wanted.items()}
    without = [_who(row, columns) for k, row in enumerate(rows) if k not in wanted]
    problems += [f"no grade for {who}" for who in without]
    return Filled(_replaced(text, changes), len(wanted), problems)


def _placed(
    rows: Sequence[dict[str, Cell]], submissions: Iterable[Submission], columns: Columns
) -> tuple[dict[int, str], list[str]]:
    """The grades by row, and why some submissions have none."""
    keys = _keys(rows, columns)
    found: dict[int, list[Submission]] = {}
    problems = []
    for submission in submissions:
        places = keys.get(_key(submission.id), [])
        if len(places) == 1:
            found.setdefault(places[0], []).append(submission)
        else:
            why = f"is in {len(places)} rows" if places else "is not in the worksheet"
            problems.append(f"{submission.id} {why}")
    for claims in found.values():
        if len(claims) > 1:
            problems.append(f"one row for {', '.join(claim.id for claim in claims)}")
        elif claims[0].status == "unreadable":
            problems.append(f"{claims[0].id} could not be read")
    right = {k: c[0] for k, c in found.items() if len(c) == 1 and c[0].status == "graded"}
    problems += [f"Moodle will not take {s.id}: {s.points:.2f} points" for k, s in right.items() if _above(s, rows[k])]
    return {k: f"{submission.points:.2f}" for k, submission in right.items()}, problems


def _keys(rows: Sequence[dict[str, Cell]], columns: Columns) -> dict[str, list[int]]:
    """Rows by participant number, by email and by name."""
    keys: dict[str, list[int]] = {}
    for k, row in enumerate(rows):
        number = re.search(r"\d+$", row[columns.identifier].value.strip())
        texts = [row[column].value for column in (columns.name, columns.email) if column in row]
        for key in {*([f"#{number[0]}"] if number else []), *(_folded(text) for text in texts if text.strip())}:
            keys.setdefault(key, []).append(k)
    return keys


def _key(id: str) -> str:
    """The key of a submission: the number in a name that Moodle gave, or else the id as an email or a name."""
    numbers = DOWNLOADED.findall(id) or re.findall(r"^(?:Participant )?(\d+)$", id)
    if len(set(numbers)) > 1:
        return ""  # a student chose part of the name so that it looks like another's
    return f"#{numbers[0]}" if numbers else _folded(id)


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def _above(submission: Submission, row: dict[str, Cell]) -> bool:
    """Moodle passes over a grade above the assignment's maximum, and does not say so."""
    most = next((cell.value for header, cell in row.items() if _folded(header) == MOST), "")
    try:
        return round(submission.points, 2) > float(most.replace(",", "."))
    except ValueError:
        return False


def _who(row: dict[str, Cell], columns: Columns) -> str:
    named = row.get(columns.name) or row[columns.identifier]
    return named.value


def _replaced(text: str, changes: dict[Cell, str]) -> str:
    parts, at = [], 0
    for cell, grade in sorted(changes.items(), key=lambda change: change[0].begin):
        if not _same(cell.value, grade):
            parts += [text[at : cell.begin], grade]
            at = cell.end
    return "".join([*parts, text[at:]])


def _same(value: str, grade: str) -> bool:
    try:
        return float(value.replace(",", ".")) == float(grade)
    except ValueError:
        return False


def _rows(text: str, columns: Columns) -> list[dict[str, Cell]]:
    """The rows below the header, by column."""
    separator = next((s for s in SEPARATORS if {columns.identifier, columns.grade} <= set(_header(text, s))), None)
    if separator is None:
        raise WorksheetError(f"it has no columns {columns.identifier} and {columns.grade}")
    header, *rows = _cells(text, separator)
    if any(len(row) != len(header) for row in rows):
        raise WorksheetError("a row has more or fewer cells than the header")
    return [dict(zip((cell.value for cell in header), row, strict=True)) for row in rows]


def _header(text: str, separator: str) -> list[str]:
    try:
        return [cell.value for cell in next(_cells(text, separator), [])]
    except WorksheetError:
        return []


def _cells(text: str, separator: str) -> Iterator[list[Cell]]:
    """The lines as cells; one in quotes may hold separators and line ends, and doubled quotes."""
    pattern = re.compile(rf'(?:"((?:[^"]|"")*)"|(?!")([^{separator}\r\n]*))({separator}|\r\n|\r|\n|\Z)')
    row: list[Cell] = []
    at = 1 if text.startswith("\ufeff") else 0
    while at < len(text) or row:
        found = pattern.match(text, at)
        if not found:
            raise WorksheetError(f"the quotes of line {text.count(chr(10), 0, at) + 1} don't end where a cell does")
        quoted, end = found[1] is not None, found.start(3)
        row.append(Cell(found[1].replace('""', '"') if quoted else found[2], at, end))
        at = found.end()
        if found[3] != separator:
            yield row
            row = []


def main(arguments: Sequence[str] | None = None) -> int:
    """Fill in; returns 0 when every submission found its row, 1 when not (usage errors exit with 2)."""
    options = _parser().parse_args(arguments)
    columns = Columns(options.identifier, options.name, options.email, options.grade)
    try:
        text = options.worksheet.read_bytes().decode(**BYTES)
        filled = fill(text, read_results(options.results).submissions, columns)
        with atomic(options.out) as file:
            file.buffer.write(filled.text.encode(**BYTES))
    except (OSError, WorksheetError, ResultsError) as error:
        print(f"error: {workflow(str(error))}", file=sys.stderr)
        return 2
    for problem in filled.problems:
        print(workflow(problem))
    print(f"{filled.filled} grades are in {options.out}")
    return 1 if filled.problems else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="gradkit-moodle", description="Fill in Moodle's grading worksheet.")
    parser.add_argument("worksheet", type=Path, metavar="WORKSHEET", help="the CSV file downloaded from Moodle")
    parser.add_argument("results", type=Path, metavar="RESULTS", help="results.json")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="where the filled worksheet goes")
    for name in ("identifier", "name", "email", "grade"):
        default = getattr(Columns, name)
        parser.add_argument(f"--{name}", default=default, metavar="HEADER", help=f"its column (default: {default})")
    return parser


if __name__ == "__main__":
    sys.exit(main())
