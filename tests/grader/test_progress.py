import io
import threading
from typing import Any

import pytest
from rich.cells import cell_len
from rich.console import Console

from grader.progress import Progress, summary
from grader.reports.words import row_of
from grader.results import CheckResult, Run, Submission

EVIL = "::error::[red]\x1b[31mx\u202e大海\udcff"


def check(number: int) -> CheckResult:
    status, points = ("error", 0.0) if number == 1 else ("passed", 10.0)
    values = {"topic": f"t{number}", "task": "f", "kind": "gpu", "name": "n", "status": status, "points": points}
    return CheckResult.model_validate({**values, "max_points": 10})


def student(id: str, topics: int = 2) -> Submission:
    checks = [check(number) for number in range(topics)]
    total = sum(c.points for c in checks)
    return Submission(id=id, status="graded", points=total, max_points=10.0 * topics, checks=checks)


def unreadable(id: str) -> Submission:
    return Submission(id=id, status="unreadable", message=f"{id} is encrypted", points=0, max_points=20)


def run(layers: tuple[str, ...] = ("landlock",)) -> Run:
    walls = {"layers": list(layers), "missing": ["seccomp"]}
    values = {"started": "2026-01-31T12:00:00Z", "seconds": 1.0, "confinement": walls, "device": "cpu"}
    return Run.model_validate({**values, "versions": {}, "seed": "7"})


def console(width: int = 60, **options: Any) -> tuple[Console, io.StringIO]:
    out = io.StringIO()
    return Console(file=out, width=width, **{"force_terminal": False, "legacy_windows": False, **options}), out


def summarised(*submissions: Submission, width: int = 60, **options: Any) -> str:
    screen, out = console(width, **options)
    summary([row_of(submission) for submission in submissions], run(), screen)
    return out.getvalue()


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_log_gets_a_line_a_submission_and_one_of_progress_every_ten_seconds() -> None:
    screen, out = console(200)
    clock = Clock()
    with Progress(4, screen, clock) as progress:
        for id in ("ann", "bob"):
            progress.submission_started(id)
            for done in range(20):
                progress.check_done(id, done, 20)
                clock.now += 0.3
        progress.submission_done(student("ann"))
        progress.submission_done(unreadable("bob"))
    assert out.getvalue().splitlines() == [
        "0 of 4 graded, 2 running",
        "ann: 10 of 20 points, graded, 1 broke",
        "bob: 0 of 20 points, unreadable: bob is encrypted",
    ]


def test_the_time_left_is_said() -> None:
    screen, out = console(200)
    clock = Clock()
    with Progress(3, screen, clock) as progress:
        clock.now = 30.0
        progress.submission_done(student("ann"))
    assert "1 of 3 graded, 0 running, about 0:01:00 left" in out.getvalue()


def test_a_strangers_name_is_harmless_in_a_log() -> None:
    screen, out = console(200)
    with Progress(1, screen) as progress:
        progress.submission_started(EVIL)
        progress.submission_done(unreadable(EVIL))
    assert out.getvalue().startswith(": :error: :[red]x大海\ufffd: 0 of 20")
    assert out.getvalue().count("\n") == 1


@pytest.mark.parametrize("environment", [{}, {"NO_COLOR": "1"}])
def test_a_terminal_gets_a_live_table(environment: dict[str, str]) -> None:
    screen, out = console(force_terminal=True, _environ=environment)
    with Progress(3, screen) as progress:
        progress.submission_started("ann")
        progress.submission_started(EVIL)
        progress.check_done(EVIL, 3, 20)
        progress.submission_done(student("ann"))
        progress._live.refresh()  # type: ignore[union-attr]
    text = out.getvalue()
    for part in ("student", "total", "status", "ann", "10 of 20", "check 3 of 20", "1/3"):
        assert part in text
    assert "\x1b[31m" not in text
    assert "::" not in text


def test_the_live_view_of_a_large_class_stays_small() -> None:
    screen, _ = console(force_terminal=True)
    with Progress(1000, screen) as progress:
        for i in range(300):
            progress.submission_started(f"s{i}")
        for i in range(150):
            progress.submission_done(student(f"s{i}"))
        with screen.capture() as captured:
            screen.print(progress._view())
    lines = captured.get().splitlines()
    assert len(lines) < 40
    assert "and 142 more running" in captured.get()
    assert all(cell_len(line) <= 60 for line in captured.get().splitlines() if "\x1b" not in line)


def test_threads_may_report_at_once() -> None:
    screen, _ = console(force_terminal=True)

    def work(name: str) -> None:
        for i in range(30):
            progress.submission_started(f"{name}{i}")
            progress.check_done(f"{name}{i}", 1, 2)
            progress.submission_done(student(f"{name}{i}"))

    with Progress(120, screen) as progress:
        threads = [threading.Thread(target=work, args=(name,)) for name in "abcd"]
        for thread in threads:
            thread.start()
        for _ in range(20):
            progress._live.refresh()  # type: ignore[union-attr]
        for thread in threads:
            thread.join()
    assert progress._done == 120
    assert not progress._running


def test_the_live_view_ends_with_an_error_too() -> None:
    screen, out = console(force_terminal=True)
    with pytest.raises(KeyboardInterrupt), Progress(1, screen):
        raise KeyboardInterrupt
    assert "\x1b[?25h" in out.getvalue()  # the cursor is back


@pytest.mark.parametrize("width", [40, 60, 80, 200])
@pytest.mark.parametrize("topics", [1, 12])
def test_the_summary_fits(width: int, topics: int) -> None:
    text = summarised(student("ann", topics), unreadable("b" * 200), student("大海" * 30, topics), width=width)
    assert all(cell_len(line) <= width for line in text.splitlines())


def test_the_summary_has_a_column_a_topic_where_they_fit() -> None:
    text = summarised(student("ann", 3), width=100)
    assert "t0" in text
    assert "t2" in text
    assert "topics full" in summarised(student("ann", 3), width=60)
    assert "2 of 3" in summarised(student("ann", 3), width=60)


def test_the_summary_says_what_protected_whom_and_what_was_not_read() -> None:
    text = summarised(student("ann"), unreadable("bob"), width=100)
    assert "Protection: landlock; missing: seccomp" in text
    assert "bob could not be read: bob is encrypted" in text
    assert "1 graded, 1 unreadable; mean 10, median 10, lowest 10, highest 10" in text
    screen, out = console(100)
    summary([], run(layers=()), screen)
    assert "UNSANDBOXED" in out.getvalue()


def test_a_large_class_is_summed_up() -> None:
    text = summarised(*(student(f"s{i:03}") for i in range(1000)), *map(unreadable, map(str, range(50))))
    assert len(text.splitlines()) < 70
    assert "s000" in text
    assert "s500" not in text
    assert "All 1050 rows are in scores.csv." in text
    assert "and 40 more could not be read; scores.csv says why." in text


def test_a_strangers_name_is_harmless_in_the_summary() -> None:
    text = summarised(unreadable(EVIL), student("[bold]" + EVIL), width=120)
    assert "::" not in text
    assert "\x1b" not in text
    assert "[red]" in text


def test_no_colour_without_colour() -> None:
    text = summarised(student("ann"), force_terminal=True, _environ={"NO_COLOR": "1"})
    assert not any(f"\x1b[{code}m" in text for code in range(30, 50))


def test_a_terminal_without_unicode() -> None:
    raw = io.BytesIO()
    with io.TextIOWrapper(raw, encoding="ascii") as file:
        screen = Console(file=file, width=80)
        summary([row_of(student("大海")), row_of(unreadable("海"))], run(), screen)
        with Progress(1, screen) as progress:
            progress.submission_done(student("大海"))
        file.flush()
        assert b"??" in raw.getvalue()
