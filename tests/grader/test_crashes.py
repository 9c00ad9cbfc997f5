"""What is graded is kept: across kills, interruptions, full disks and second runs."""

import dataclasses
import functools
import os
import random
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import uuid
from contextlib import closing, suppress

import pytest
from processes import descendants, goes_away, parent, told

import grader.grade
from grader import workers
from grader.collect import discover
from grader.grade import main
from grader.gradebook import NAME, in_memory
from grader.paths import EXERCISES, ROOT, SOLUTIONS
from grader.results import read_results
from grader.run import GradingError, Options, Watcher, run

OPTIONS = ["--topic", "strides", "--kind", "correctness", "--device", "sim"]
STRIDES = Options(["strides"], ["correctness"], device="sim", seed="s")


class Listening(Watcher):
    """Notes the ids that are graded, and how many were known."""

    def __init__(self):
        self.graded, self.known = [], 0

    def remembered(self, count):
        self.known = count

    def submission_started(self, id):
        self.graded.append(id)


def grade(folder, out, jobs=1, **more):
    command = [sys.executable, str(ROOT / "grader" / "grade.py"), str(folder), "--out", str(out), "--seed", "s"]
    command += [*OPTIONS, "--jobs", str(jobs)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **more)


def finish(process):
    output, _ = process.communicate()
    assert process.returncode == 0, output


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A class of eight: right, wrong, hanging, broken, untouched."""
    here = tmp_path_factory.mktemp("class")
    solution = (SOLUTIONS / "strides.py").read_text(encoding="utf-8")
    texts = {
        **{f"right{k}": f"# {k}\n{solution}" for k in range(4)},
        "wrong": solution.replace("return", "return 1 and", 3),
        "broken": "def (",
        "untouched": (EXERCISES / "strides.py").read_text(encoding="utf-8"),
        "大海": solution + "\n\ndef offset_of(*args):\n    raise KeyError('大海')\n",
    }
    for id, text in texts.items():
        (here / id).mkdir()
        (here / id / "strides.py").write_text(text, encoding="utf-8")
    return here


def verdicts(out):
    """Everything in results.json but times."""
    results = read_results(out / "results.json")
    return results.run.seed, [
        (s.id, s.status, s.message, s.points, [c.model_copy(update={"seconds": 0.0}) for c in s.checks])
        for s in results.submissions
    ]


@pytest.fixture(scope="module")
def whole(folder, tmp_path_factory):
    """The results folder of a run that nothing disturbed."""
    out = tmp_path_factory.mktemp("undisturbed")
    finish(grade(folder, out, jobs=2))
    return out


@pytest.fixture(scope="module")
def undisturbed(whole):
    return verdicts(whole)


def kept_rows(out):
    """What the gradebook of a results folder holds for good, with the seconds that it took."""
    if not (out / NAME).exists():
        return {}
    with closing(sqlite3.connect(out / NAME)) as connection:
        if not connection.execute("SELECT 1 FROM sqlite_master").fetchone():
            return {}
        query = "SELECT id, content, submission FROM results WHERE settled"
        return {(id, content): row for id, content, row in connection.execute(query)}


def until(process, event, patience=60.0):
    """Wait for something to be so while the process runs."""
    deadline = time.monotonic() + patience
    while process.poll() is None and not event() and time.monotonic() < deadline:
        time.sleep(0.001)


def exists(out, pattern):
    return lambda: next(out.rglob(pattern), None) is not None


class Kills:
    """kill -9 again and again; what was kept before a kill is kept, as it was, after it."""

    def __init__(self, folder, out, jobs=1):
        self.folder, self.out, self.rows, self.jobs = folder, out, kept_rows(out), jobs

    def kill(self, ready, whom=lambda pid: pid):
        """Start the grader, and kill one of its processes when the moment has come."""
        process = grade(self.folder, self.out, self.jobs)
        ready(process)
        below = descendants(process.pid)
        if process.poll() is None and (victim := whom(process.pid)):
            with suppress(ProcessLookupError):
                os.kill(victim, signal.SIGKILL)
        output, _ = process.communicate(timeout=120)
        assert "Traceback" not in output, output
        assert goes_away(below), "processes survived the grader"
        self.check()
        return process.returncode, output

    def check(self):
        rows = kept_rows(self.out)
        for key, row in self.rows.items():
            assert rows[key] == row, f"{key} was lost or graded twice"
        self.rows = rows

    def finish(self):
        finish(grade(self.folder, self.out, self.jobs))
        self.check()
        assert not list(self.out.rglob("*.tmp"))
        return verdicts(self.out)


@pytest.mark.slow
def test_killed_at_any_moment_and_run_again_it_comes_to_the_same(folder, undisturbed, tmp_path):
    kills, chance = Kills(folder, tmp_path, jobs=2), random.Random(4)
    kills.kill(lambda process: until(process, exists(tmp_path, NAME)))
    for _ in range(4):
        pause = chance.uniform(0.5, 6.0)
        kills.kill(lambda process: until(process, lambda: False, pause))  # noqa: B023 - called at once
    for k in (1, 3, 6):
        kills.kill(lambda process: until(process, lambda: len(kept_rows_while_running(tmp_path)) >= k))  # noqa: B023
    assert kills.rows
    assert kills.finish() == undisturbed


def kept_rows_while_running(out):
    with suppress(sqlite3.OperationalError):
        return kept_rows(out)
    return {}


@pytest.mark.slow
@pytest.mark.parametrize("file", [".gradkit-*.tmp", "results.json", "feedback/*", "scores.csv"])
def test_killed_among_the_reports_and_run_again_it_writes_them_all(folder, undisturbed, tmp_path, whole, file):
    shutil.copy(whole / NAME, tmp_path / NAME)
    kills = Kills(folder, tmp_path)
    assert len(kills.rows) == 8
    code, _ = kills.kill(lambda process: until(process, exists(tmp_path, file)))
    assert code in (-signal.SIGKILL, 0)
    assert kills.finish() == undisturbed
    assert names(tmp_path) == names(whole)


def names(out):
    return {path.relative_to(out) for path in out.rglob("*") if not path.name.startswith(NAME)}


def of_kind(kind):
    """A process of this kind below the grader: a worker is its child, a keeper a worker's, and so on."""

    def whom(pid):
        found = [pid]
        for _ in range(["grader", "worker", "keeper", "zygote", "child"].index(kind)):
            found = [child for one in found for child in descendants(one) if parent(child) == one]
        return found[0] if found else None

    return whom


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["worker", "keeper", "zygote", "child"])
def test_a_killed_process_below_the_grader_changes_nothing(folder, undisturbed, tmp_path, kind):
    kills, whom = Kills(folder, tmp_path), of_kind(kind)
    code, output = kills.kill(lambda process: until(process, lambda: kept_rows_while_running(tmp_path)), whom)
    assert code == 0, output
    assert kills.finish() == undisturbed


MOMENTS = {
    "collection": lambda out: lambda: False,
    "the start of workers": lambda out: exists(out, NAME),
    "grading": lambda out: lambda: kept_rows_while_running(out),
}


@pytest.mark.slow
@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_a_signal_stops_soon_and_says_how_to_go_on(folder, undisturbed, tmp_path, number, moment):
    kills = Kills(folder, tmp_path)
    process = grade(folder, tmp_path)
    until(process, lambda: caught(process.pid))
    until(process, MOMENTS[moment](tmp_path), 0.1 if moment == "collection" else 60)
    below = descendants(process.pid)
    start = time.monotonic()
    while process.poll() is None and time.monotonic() - start < 30:  # whoever is in a hurry asks again
        process.send_signal(number)
        time.sleep(0.01)
    output, _ = process.communicate(timeout=60)
    assert time.monotonic() - start < 30  # what must not be waited for takes longer
    assert process.returncode in (128 + number, -number), output  # the latter: asked again when all was done
    assert "the same command goes on from here" in output
    assert "Traceback" not in output
    assert goes_away(below)
    kills.check()
    if moment == "grading":
        assert kills.finish() == undisturbed


@pytest.mark.slow
def test_an_interrupt_stops_within_two_seconds(folder, tmp_path):
    """The best of three, so that a busy machine does not decide."""
    for attempt in range(3):
        process = grade(folder, tmp_path / str(attempt))
        until(process, lambda: kept_rows_while_running(tmp_path / str(attempt)))  # noqa: B023 - called at once
        start = time.monotonic()
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=60)
        assert process.returncode == 128 + signal.SIGINT, output
        if (seconds := time.monotonic() - start) < 2:
            return
    raise AssertionError(f"three times more than two seconds, the last time {seconds:.1f}")


def caught(pid):
    """Whether a process has handlers for both signals by now."""
    with suppress(OSError):
        line = next(line for line in told(pid, "status").splitlines() if line.startswith("SigCgt"))
        mask = int(line.split()[1], 16)
        return all(mask >> number - 1 & 1 for number in (signal.SIGINT, signal.SIGTERM))
    return False


@pytest.mark.slow
@pytest.mark.parametrize("room", [2, 48])
def test_a_full_disk_is_an_error_with_advice_and_loses_nothing(folder, undisturbed, tmp_path, room):
    kills = Kills(folder, tmp_path)
    full = functools.partial(resource.setrlimit, resource.RLIMIT_FSIZE, (room << 10, room << 10))
    process = grade(folder, tmp_path, preexec_fn=full)
    output, _ = process.communicate(timeout=120)
    assert process.returncode == 1, output
    assert "make room" in output
    assert "Traceback" not in output
    kills.check()
    assert kills.finish() == undisturbed


@pytest.mark.slow
def test_reports_that_find_no_room_are_an_error_with_advice(folder, undisturbed, tmp_path, whole):
    shutil.copy(whole / NAME, tmp_path / NAME)
    kills = Kills(folder, tmp_path)
    room = (whole / "results.json").stat().st_size * 9 // 10
    process = grade(folder, tmp_path, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (room, room)))
    output, _ = process.communicate(timeout=120)
    assert process.returncode == 1, output
    assert f"{tmp_path} can't be written to" in output
    assert "make room" in output
    kills.check()
    assert kills.finish() == undisturbed


def test_a_folder_that_cannot_be_made_is_an_error_with_advice(tmp_path, capsys):
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert main(["--out", str(tmp_path / "file" / "out")]) == 1
    assert "name another --out" in " ".join(capsys.readouterr().err.split())


class Disturbing(Listening):
    """Sends a signal to the worker that is at this submission, so many times."""

    def __init__(self, id, mark, signal, times):
        super().__init__()
        self.id, self.mark, self.signal, self.times = id, mark, signal, times

    def check_done(self, id, done, total):
        if id == self.id and done == 1 and self.times:
            self.times -= 1
            for pid in descendants(os.getpid()):
                if parent(pid) == os.getpid() and self.mark in told(pid, "cmdline"):
                    os.kill(pid, self.signal)


def marked(monkeypatch):
    """A word that stands on the command line of this test's workers."""
    mark = f"mark-{uuid.uuid4()}"
    monkeypatch.setattr(workers, "START", f"{workers.START}  # {mark}")
    return mark


@pytest.mark.slow
def test_a_worker_that_dies_of_a_submission_twice_is_replaced_and_the_submission_named(folder, monkeypatch):
    book, found = in_memory(), discover(folder, ["strides"])
    watcher = Disturbing("right1", marked(monkeypatch), signal.SIGKILL, times=2)
    outcome = run(found, STRIDES, watcher, book)
    assert outcome.troubles == ["right1: a worker was killed by signal 9, twice"]
    results = {submission.id: submission for submission in outcome.results.submissions}
    assert "killed by signal 9" in results["right1"].message
    assert {id for id, submission in results.items() if submission.status == "unreadable"} == {"right1"}
    assert results["right0"].points == results["right2"].points == results["right0"].max_points
    watcher = Listening()
    again = run(found, STRIDES, watcher, book)
    assert (watcher.graded, again.troubles) == (["right1"], [])


@pytest.mark.slow
def test_a_worker_that_hangs_is_replaced(folder, undisturbed, monkeypatch):
    """Here one that is stopped for good; the patience is enough for a worker to start."""
    monkeypatch.setattr(workers, "PATIENCE", 20.0)
    watcher = Disturbing("right1", marked(monkeypatch), signal.SIGSTOP, times=1)
    outcome = run(discover(folder, ["strides"]), STRIDES, watcher)
    assert (watcher.times, outcome.troubles) == (0, [])
    assert [(s.id, s.points) for s in outcome.results.submissions] == [(s[0], s[3]) for s in undisturbed[1]]


def test_a_worker_that_never_starts_is_given_up(folder, monkeypatch):
    monkeypatch.setattr(workers, "PATIENCE", 0.5)
    monkeypatch.setattr(workers, "START", "import time; time.sleep(1000)")
    with pytest.raises(GradingError, match=r"a worker said nothing for 0\.5 s"):
        run(discover(folder, ["strides"]), STRIDES)


def test_troubles_are_named_and_end_with_one(folder, tmp_path, monkeypatch, capsys):
    def troubled(*arguments):
        outcome = run(*arguments)
        return dataclasses.replace(outcome, troubles=["right1: a worker was killed by signal 9, twice"])

    monkeypatch.setattr(grader.grade, "run", troubled)
    assert main([str(folder / "right1"), "--out", str(tmp_path), *OPTIONS]) == 1
    assert "right1: a worker was killed" in capsys.readouterr().err


def test_grading_again_costs_what_changed(folder, tmp_path):
    here = tmp_path / "class"
    shutil.copytree(folder, here)
    book = in_memory()
    options = Options(["strides"], ["correctness"], device="sim", jobs=2)

    def graded():
        watcher = Listening()
        outcome = run(discover(here, ["strides"]), options, watcher, book)
        assert len(outcome.results.submissions) == 8
        return sorted(watcher.graded), watcher.known

    everyone = sorted(path.name for path in here.iterdir())
    assert graded() == (everyone, 0)
    assert graded() == ([], 8)
    with (here / "wrong" / "strides.py").open("a", encoding="utf-8") as file:
        file.write("\n# better\n")
    assert graded() == (["wrong"], 7)
