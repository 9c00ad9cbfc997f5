"""A course's policy: late hand-ins, weights, pass marks, what students see; and no policy, no difference."""

import csv
import io
import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.course import Course, CourseError, read_course
from grader.grade import main
from grader.paths import topics
from grader.policy import Judged, Policy, lateness, policy_of, read_submitted
from grader.reports import write_all
from grader.results import CheckResult, Results, Run, Submission, read_results, results_file

DUE = datetime(2026, 11, 30, 22, 59, tzinfo=UTC)
TOPICS = ("a", "b", "c")
SECRETS = ("the message", "the hint", "the diagnosis")
RUN = Run.model_validate(
    {
        "started": "2026-12-01T12:00:00Z",
        "seconds": 1.5,
        "confinement": {"layers": ["landlock"], "missing": []},
        "device": "sim",
        "versions": {},
        "seed": "7",
    }
)


def check(topic="a", points=0.0, most=10.0):
    message, hint, diagnosis = SECRETS
    return CheckResult(
        topic=topic, task="task", kind="correctness", name="name", status="passed" if points else "failed",
        points=points, max_points=most, message=message, hint=hint, diagnosis=diagnosis,
        measured={"ratio": 77.5, "limit": 3.0},
    )  # fmt: skip


def submission(*checks, id="ann"):
    points, most = (math.fsum(getattr(c, name) for c in checks) for name in ("points", "max_points"))
    return Submission(id=id, status="graded", points=points, max_points=most, checks=list(checks))


def policy(time=None, now=DUE, **course):
    return Policy(Course.model_validate(course), {"ann": time} if time else {}, now)


fractions = st.floats(0, 1)
checks = st.lists(st.tuples(st.sampled_from(TOPICS), fractions, st.floats(0.01, 50)), min_size=1, max_size=6)
submissions = checks.map(lambda values: submission(*(check(t, f * most, most) for t, f, most in values)))
percents = st.floats(0, 100)
moments = st.datetimes(datetime(2026, 11, 1), datetime(2027, 2, 1), timezones=st.just(UTC))
topic_tables = st.fixed_dictionaries(
    {}, optional={"weight": st.floats(0.01, 100), "counts": st.booleans(), "due": moments, "pass_mark": percents}
)
late_tables = st.fixed_dictionaries(
    {"percent": percents, "per": st.sampled_from(["day", "hour"]), "cap": percents, "grace_minutes": st.floats(0, 5000)}
)
courses = st.fixed_dictionaries(
    {"late": late_tables, "topics": st.dictionaries(st.sampled_from(TOPICS), topic_tables)},
    optional={"due": moments, "pass_mark": percents},
)


@given(submissions, courses, moments, moments)
def test_a_later_hand_in_never_earns_more(graded, course, one, other):
    early, late = (policy(time, **course).grade(graded) for time in sorted((one, other)))
    assert early.late <= late.late
    if early.final is None:
        assert late.final is None
    else:
        assert early.final >= late.final
        assert early.passed or not late.passed


@given(submissions, courses, moments)
def test_a_final_grade_is_a_percentage_and_no_more_than_in_time(graded, course, time):
    grade, in_time = policy(time, **course).grade(graded), policy(**course).grade(graded)
    assert in_time.late == timedelta()
    assert in_time.penalty == 0
    if grade.final is not None:
        assert 0 <= grade.final <= in_time.final <= 100 + 1e-9
        assert math.isclose(grade.final + grade.penalty, in_time.final, abs_tol=1e-9)


@given(submissions, courses, st.sampled_from([0.25, 0.5, 2.0, 8.0]))
def test_only_the_proportions_of_weights_matter(graded, course, factor):
    plain = {name: {"weight": 1.0, **table} for name, table in course["topics"].items()}
    same = {name: {**plain.get(name, {}), "weight": plain.get(name, {}).get("weight", 1.0)} for name in TOPICS}
    scaled = {name: {**table, "weight": table["weight"] * factor} for name, table in same.items()}
    before, after = (policy(**{**course, "topics": tables}).grade(graded) for tables in (course["topics"], scaled))
    assert (before.final is None) == (after.final is None)
    assert before.final is None or math.isclose(before.final, after.final, rel_tol=1e-9, abs_tol=1e-9)


def test_topics_count_by_their_weight_whatever_their_points():
    graded = submission(check("a", 10, 10), check("b", 0, 2), check("c", 1, 1))
    assert policy().grade(graded).final == pytest.approx(200 / 3)
    assert policy(topics={"a": {"weight": 3}, "c": {"counts": False}}).grade(graded).final == pytest.approx(75)
    assert policy(topics={name: {"counts": False} for name in TOPICS}).grade(graded).final is None


@pytest.mark.parametrize(
    ("after", "late", "expected"),
    [
        ({"minutes": -1}, {"percent": 10}, 100),
        ({"minutes": 15}, {"percent": 10, "grace_minutes": 15}, 100),
        ({"minutes": 16}, {"percent": 10, "grace_minutes": 15}, 90),
        ({"days": 1}, {"percent": 10}, 90),
        ({"days": 1, "seconds": 1}, {"percent": 10}, 80),
        ({"hours": 3}, {"percent": 5, "per": "hour"}, 85),
        ({"days": 300}, {"percent": 10, "cap": 30}, 70),
        ({"days": 300}, {"percent": 10}, 0),
        ({"days": 300}, {}, 100),
    ],
)
def test_each_day_or_hour_that_has_begun_takes_off_its_part(after, late, expected):
    grade = policy(DUE + timedelta(**after), due=DUE, late=late).grade(submission(check("a", 10)))
    assert grade.final == pytest.approx(expected)
    assert grade.penalty == pytest.approx(100 - expected)


def test_a_topic_may_have_a_due_date_of_its_own():
    graded = submission(check("a", 10), check("b", 10))
    course = {"due": DUE, "late": {"percent": 10}, "topics": {"b": {"due": DUE + timedelta(days=7)}}}
    grade = policy(DUE + timedelta(days=2), **course).grade(graded)
    assert (grade.final, grade.late) == (90, timedelta(days=2))


def test_pass_marks_are_for_the_whole_and_for_topics():
    graded = submission(check("a", 10), check("b", 4))
    assert policy().grade(graded).passed is None
    assert policy(pass_mark=70).grade(graded).passed is True
    assert policy(pass_mark=71).grade(graded).passed is False
    assert policy(pass_mark=50, topics={"b": {"pass_mark": 41}}).grade(graded).passed is False
    assert policy(topics={"b": {"pass_mark": 40}}).grade(graded).passed is True
    late = policy(DUE + timedelta(hours=1), due=DUE, pass_mark=70, late={"percent": 10})
    assert late.grade(graded).passed is False


def test_what_could_not_be_read_earns_nothing():
    unread = Submission(id="ann", status="unreadable", message="a broken zip", points=0, max_points=20)
    grade = policy(DUE + timedelta(hours=2), due=DUE, pass_mark=1).grade(unread)
    assert (grade.final, grade.passed, grade.late) == (0, False, timedelta(hours=2))


@pytest.mark.parametrize(
    ("when", "now", "seen"),
    [
        ("at once", DUE - timedelta(days=9), True),
        ("after due", DUE, False),
        ("after due", DUE + timedelta(minutes=15), False),
        ("after due", DUE + timedelta(minutes=16), True),
        ("never", DUE + timedelta(days=99), False),
    ],
)
@pytest.mark.parametrize("part", ["message", "hint", "diagnosis"])
def test_students_see_what_the_course_lets_them_see(tmp_path, part, when, now, seen):
    chosen = policy(now=now, due=DUE, late={"grace_minutes": 15}, see={part: when})
    write_all(Judged(RUN, [submission(check())], policy=chosen), tmp_path)
    told = "".join(path.read_text(encoding="utf-8") for path in (tmp_path / "feedback").iterdir())
    assert (f"the {part}" in told) == seen
    assert all(f"the {other}" in told for other in {"message", "hint", "diagnosis"} - {part})
    assert ("77.5" in told) == (seen or part != "message"), "a measured ratio is as good as a message"


def test_where_a_topic_is_never_due_nothing_is_shown_after_it():
    chosen = policy(now=DUE + timedelta(days=1), see={"hint": "after due"}, topics={"b": {"due": DUE}})
    shown = chosen.visible(submission(check("a"), check("b")))
    assert [c.hint for c in shown.checks] == ["", "the hint"]


def test_results_json_keeps_raw_points_and_all_that_was_said(tmp_path):
    hidden = dict.fromkeys(("message", "hint", "diagnosis"), "never")
    chosen = policy(DUE + timedelta(days=3), due=DUE, late={"percent": 20}, see=hidden)
    results = Judged(RUN, [submission(check("a", 10), check("b"))], policy=chosen)
    with results_file(tmp_path / "results.json", RUN) as file:
        write_all(results, tmp_path, file)
    assert read_results(tmp_path / "results.json").submissions == results.submissions


def reports(tmp_path, results):
    write_all(results, tmp_path)
    return {path.relative_to(tmp_path): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}


def table(tmp_path):
    return list(csv.DictReader(io.StringIO((tmp_path / "scores.csv").read_text(encoding="utf-8-sig"))))


def test_without_a_policy_every_report_is_as_it_was(tmp_path):
    graded = submission(check("a", 7.5), check("b", 0))
    assert policy_of(Results(RUN, [graded])) is None
    told = reports(tmp_path, Results(RUN, [graded]))
    assert told[(tmp_path / "scores.csv").relative_to(tmp_path)].decode("utf-8-sig") == (
        "student,status,a,b,total,out of,message\r\nann,graded,7.5,0,7.5,20,\r\n"
    )
    feedback = (tmp_path / "feedback" / "ann.md").read_text(encoding="utf-8")
    assert feedback.startswith(
        "# Feedback for ann\n\n**Total: 7.5 of 20 points**\n\n| Topic | Points | Checks passed |"
    )
    assert all(secret in feedback for secret in SECRETS)


@given(submissions)
def test_a_policy_that_says_nothing_hides_nothing(graded):
    assert policy().visible(graded) == graded


def test_with_a_policy_scores_have_four_columns_more_and_feedback_says_the_grade(tmp_path):
    chosen = policy(DUE + timedelta(days=1, hours=2), due=DUE, pass_mark=50, late={"percent": 10})
    people = [submission(check("a", 10)), submission(check("a", 4), id="大海")]
    write_all(Judged(RUN, people, policy=chosen), tmp_path)
    rows = [[row[name] for name in ("total", "late", "penalty", "final", "passed")] for row in table(tmp_path)]
    assert rows == [["10", "1 d 2 h", "20", "80", "yes"], ["4", "", "0", "40", "no"]]
    text = (tmp_path / "feedback" / "ann.md").read_text(encoding="utf-8")
    assert "**Final: 80 %**, late by 1 d 2 h, which takes off 20 %, passed" in text
    page = (tmp_path / "feedback" / "ann.html").read_text(encoding="utf-8")
    assert "<strong>Final: 80 %</strong>, late by 1 d 2 h, which takes off 20 %, passed</p>" in page


def test_feedback_is_written_again_when_its_grade_or_its_secrets_change(tmp_path):
    path = tmp_path / "feedback" / "ann.md"
    for chosen, expected in [
        (policy(due=DUE, see={"hint": "after due"}), None),
        (policy(due=DUE, see={"hint": "after due"}, now=DUE + timedelta(1)), "the hint"),
        (policy(DUE + timedelta(hours=1), due=DUE, late={"percent": 10}), "late by 1 h"),
    ]:
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        write_all(Judged(RUN, [submission(check("a", 0), check("b", 5))], policy=chosen), tmp_path)
        text = path.read_text(encoding="utf-8")
        assert text != before
        assert expected is None or expected in text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("pass_mark = 50\nwieght = 2\n", "line 2: wieght: unknown key"),
        ("# hello\n[topics.strides]\nweight = -1\n", "line 3: topics.strides.weight: input should be greater than"),
        ("[late]\nper = 'week'\n", "line 2: late.per: input should be 'day' or 'hour'"),
        ("[topics]\nstrides = { weight = '2' }\n", "line 2: topics.strides.weight: input should be a valid number"),
        ("due = 2026-11-30T23:59:00\n", "line 1: due: input should have timezone info"),
        ("due = 2026-11-30\n", "line 1: due: input should be a valid datetime"),
        ("[see]\nhint = 'after due'\n", '"after due" needs a due date'),
        ("pass_mark = nan\n", "line 1: pass_mark"),
        ("pass_mark = 50\npass_mark = 60\n", "(at line 2"),
        ("[topics.stirdes]\nweight = 2\n", "line 1: unknown topic stirdes; there is: data_loading, "),
    ],
)
def test_a_mistake_in_course_toml_is_named_with_its_line(tmp_path, text, said):
    path = tmp_path / "course.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CourseError) as caught:
        read_course(path, topics())
    assert said in str(caught.value)


def test_an_empty_course_toml_is_a_course(tmp_path):
    (tmp_path / "course.toml").touch()
    assert read_course(tmp_path / "course.toml", topics()) == Course()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name,time\n", "line 1: the columns id and time are needed"),
        ("", "line 1: the columns id and time are needed"),
        ("id,time\nann,yesterday\n", "line 2: 'yesterday' is no time with an offset"),
        ("id,time\nann,2026-11-30T10:00:00\n", "line 2: '2026-11-30T10:00:00' is no time with an offset"),
        ("id,time\nann,2026-11-30T10:00Z\nann,2026-11-30T11:00Z\n", "line 3: ann has a time already"),
    ],
)
def test_a_mistake_in_the_times_is_named_with_its_line(tmp_path, text, said):
    path = tmp_path / "submitted.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CourseError) as caught:
        read_submitted(path)
    assert said in str(caught.value)


def test_times_are_read_from_what_a_spreadsheet_writes(tmp_path):
    path = tmp_path / "submitted.csv"
    path.write_text("section,id,time\r\n1,大海,2026-11-30T23:59:00+01:00\r\n1,bob,\r\n", encoding="utf-8-sig")
    assert read_submitted(path) == {"大海": DUE}


@pytest.mark.parametrize(
    ("seconds", "said"), [(0, ""), (1, "1 min"), (3600, "1 h"), (90061, "1 d 1 h 2 min"), (-5, "")]
)
def test_lateness_in_words(seconds, said):
    assert lateness(timedelta(seconds=seconds)) == said


@pytest.fixture
def one(tmp_path):
    """A class of one, and where its results go."""
    (tmp_path / "class" / "ann").mkdir(parents=True)
    (tmp_path / "class" / "ann" / "strides.py").write_text("", encoding="utf-8")
    return [str(tmp_path / "class"), "--out", str(tmp_path / "out")]


def test_the_command_refuses_bad_policies_before_it_grades(tmp_path, one, capsys):
    bad, good, times = (tmp_path / name for name in ("bad.toml", "good.toml", "times.csv"))
    bad.write_text("wieght = 1", encoding="utf-8")
    good.write_text("pass_mark = 50", encoding="utf-8")
    times.write_text("id,time\nanne,2026-11-30T10:00Z\n", encoding="utf-8")
    for more, said in [
        (["--course", str(bad)], "line 1: wieght: unknown key"),
        (["--course", str(tmp_path / "none.toml")], "can't be read"),
        (["--submitted", str(times)], "--submitted needs a policy"),
        (["--course", str(good), "--submitted", str(times)], "nobody here is called anne"),
    ]:
        with pytest.raises(SystemExit) as stopped:
            main([*one, *more])
        assert stopped.value.code == 2
        assert said in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
