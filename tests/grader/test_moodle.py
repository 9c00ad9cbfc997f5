"""Moodle's grading worksheet: grades go in, and everything else stays byte for byte."""

import csv
import io
from pathlib import Path

import pytest
import receivers
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import ANY, check, run, submission

from grader import moodle
from grader.moodle import Columns, WorksheetError, fill
from grader.results import Results, Submission, write_results

HEADER = (
    'Identifier,"Full name","Email address",Status,Grade,"Maximum grade","Last modified (grade)","Feedback comments"'
)
ADA = (
    'Participant 101,"Ada ""the"" Lovelace",ada@uni.edu,"Submitted for grading",,10.00,"Monday, 1 June 2026, 9:00 AM",'
)
BEN = 'Participant 102,"Ben Okri",ben@uni.edu,"No submission",3.50,10.00,-,"line one\nline two, with = and +"'
MEI = "Participant 103,大海,mei@uni.edu,Submitted,,10.00,-,"
WORKSHEET = "\ufeff" + "\r\n".join([HEADER, ADA, BEN, MEI]) + "\r\n"


def graded(id: str, points: float = 7.25) -> Submission:
    return submission(id, check(points=points, max_points=10.0))


@pytest.mark.parametrize(
    "id",
    [
        "Ada the Lovelace_101_assignsubmission_file_",
        "Ada_101_assignsubmission_file_strides",
        "Participant_101_assignsubmission_onlinetext",
        "101",
        "Participant 101",
        "ada@uni.edu",
        "ADA@uni.edu",
        'ada  "the" lovelace',
    ],
)
def test_a_submission_finds_its_row(id: str) -> None:
    filled = fill(WORKSHEET, [graded(id)])
    assert receivers.moodle(filled.text, 10) == {"101": 7.25, "102": 3.5}
    assert filled.text == WORKSHEET.replace('grading",,10', 'grading",7.25,10')
    assert filled.filled == 1
    assert filled.problems == ["no grade for Ben Okri", "no grade for 大海"]


def test_a_grade_is_replaced_and_an_equal_one_left_as_it_is_written() -> None:
    assert fill(WORKSHEET, [graded("102", 4.0)]).text == WORKSHEET.replace("3.50", "4.00")
    assert fill(WORKSHEET.replace("3.50", '"3,5"'), [graded("102", 3.5)]).text == WORKSHEET.replace("3.50", '"3,5"')


@pytest.mark.parametrize("id", ["104", "nobody", "A_101_assignsubmission_file_x_103_assignsubmission_file_", ""])
def test_a_submission_without_a_row_is_named(id: str) -> None:
    filled = fill(WORKSHEET, [graded(id)])
    assert filled.text == WORKSHEET
    assert filled.problems[0] == f"{id} is not in the worksheet"


def test_two_rows_or_two_submissions_are_no_match() -> None:
    twins = WORKSHEET.replace("大海", "ben okri")
    assert fill(twins, [graded("Ben Okri")]).text == twins
    assert fill(twins, [graded("Ben Okri")]).problems[0] == "Ben Okri is in 2 rows"
    twice = fill(WORKSHEET, [graded("101"), graded("ada@uni.edu"), graded("103")])
    assert twice.problems[0] == "one row for 101, ada@uni.edu"
    assert receivers.moodle(twice.text, 10) == {"102": 3.5, "103": 7.25}


def test_what_could_not_be_read_gets_no_grade() -> None:
    filled = fill(WORKSHEET, [submission("101", status="unreadable", message="x", max_points=10.0)])
    assert filled.text == WORKSHEET
    assert filled.problems[0] == "101 could not be read"


def test_a_grade_above_moodles_maximum_is_pointed_out() -> None:
    filled = fill(WORKSHEET.replace("10.00", "5.00"), [graded("101")])
    assert filled.problems[0] == "Moodle will not take 101: 7.25 points"
    assert receivers.moodle(filled.text, 5) == {"102": 3.5}


def test_headers_in_another_language_can_be_named() -> None:
    german = WORKSHEET.replace("Identifier", "ID").replace("Grade,", "Bewertung,").replace("Full name", "Name")
    filled = fill(
        german.replace("Email address", "E-Mail"), [graded("ben okri")], Columns("ID", "Name", "", "Bewertung")
    )
    assert filled.text == german.replace("Email address", "E-Mail").replace("3.50", "7.25")
    with pytest.raises(WorksheetError, match="no columns Identifier and Grade"):
        fill(german, [])


@pytest.mark.parametrize(
    "text", ["", "a,b\n1,2\n", "Identifier,Grade\n1,2,3\n", 'Identifier,Grade\n"1"x,2\n', 'Identifier,Grade\n"1']
)
def test_what_is_no_worksheet_is_refused(text: str) -> None:
    with pytest.raises(WorksheetError):
        fill(text, [graded("1")])


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@settings(max_examples=60, deadline=None)
@given(rows=st.lists(st.tuples(ANY, ANY, ANY), max_size=5), end=st.sampled_from(["\n", "\r\n"]), last=st.booleans())
def test_whatever_the_other_cells_hold_they_stay(
    separator: str, rows: list[tuple[str, str, str]], end: str, last: bool
) -> None:
    out = io.StringIO()
    quoting = csv.QUOTE_ALL if end == "\n" else csv.QUOTE_MINIMAL
    writer = csv.writer(out, delimiter=separator, lineterminator=end, quoting=quoting)
    writer.writerow(["Identifier", "Full name", "Grade", "Feedback comments"])
    writer.writerows([f"Participant {k}", *row] for k, row in enumerate(rows))
    text = out.getvalue() if last else out.getvalue().removesuffix(end)
    filled = fill(text, [graded(str(k)) for k in range(len(rows))])
    before, after = (list(csv.reader(io.StringIO(t, newline=""), delimiter=separator)) for t in (text, filled.text))
    assert [row[:2] + row[3:] for row in after] == [row[:2] + row[3:] for row in before]
    assert all(float(row[2].replace(",", ".")) == 7.25 for row in after[1:])
    assert filled.problems == []
    assert fill(filled.text, [graded(str(k)) for k in range(len(rows))]).text == filled.text


def test_the_command_keeps_bytes_that_are_no_utf_8(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    worksheet, results, out = tmp_path / "w.csv", tmp_path / "results.json", tmp_path / "filled.csv"
    worksheet.write_bytes(WORKSHEET.encode().replace(b"Ben", b"B\xe9n"))
    write_results(results, Results(run(), [graded("101", 10.0), graded("::error::x")]))
    assert moodle.main([str(worksheet), str(results), "--out", str(out)]) == 1
    assert out.read_bytes() == WORKSHEET.encode().replace(b"Ben", b"B\xe9n").replace(b'ng",,', b'ng",10.00,')
    said = capsys.readouterr().out
    assert "1 grades are in" in said
    assert "\n::" not in said
    write_results(results, Results(run(), [graded("101"), graded("102"), graded("103")]))
    assert moodle.main([str(worksheet), str(results), "--out", str(out)]) == 0
    taken = receivers.moodle(out.read_bytes().decode(errors="replace"), 10)
    assert taken == dict.fromkeys(["101", "102", "103"], 7.25)
    assert moodle.main([str(tmp_path / "none.csv"), str(results), "--out", str(out)]) == 2
