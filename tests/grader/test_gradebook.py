"""What is graded is kept: across kills, interruptions and second runs."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from grader.gradebook import NAME, GradebookError, in_memory, opened
from grader.paths import EXERCISES, ROOT, SOLUTIONS
from grader.results import Submission, read_results
from grader.run import Options, Watcher, run

OPTIONS = ["--topic", "strides", "--kind", "correctness", "--device", "sim", "--jobs", "2"]


class Listening(Watcher):
    """Notes the ids that are graded, and how many were known."""

    def __init__(self):
        self.graded, self.known = [], 0

    def remembered(self, count):
        self.known = count

    def submission_started(self, id):
        self.graded.append(id)


def submission(id="ann", message=""):
    return Submission(id=id, status="graded", message=message, points=0, max_points=0)


def kept(book, entry, id="ann", content="c", **changes):
    book.keep(entry, content, submission(id), **({"settled": True, "seconds": 1.0} | changes))


def test_an_unfinished_run_goes_on_with_its_seed_and_results(tmp_path):
    with opened(tmp_path) as book:
        entry = book.begin("setup")
        kept(book, entry, seconds=2.5)
    with opened(tmp_path) as book:
        again = book.begin("setup")
        assert (again.number, again.seed, again.started, again.seconds) == (
            entry.number,
            entry.seed,
            entry.started,
            2.5,
        )
        assert book.known(again, "ann", "c")
        assert book.submission(again, "ann") == submission()


def test_a_finished_run_is_followed_by_a_new_one_with_its_seed():
    book = in_memory()
    entry = book.begin("setup")
    kept(book, entry)
    book.finish(entry, 3.0)
    again = book.begin("setup")
    assert again.seed == entry.seed
    assert again.number > entry.number
    assert again.seconds == 0.0
    assert book.known(again, "ann", "c")


@pytest.mark.parametrize(
    ("setup", "seed", "fresh"), [("other", None, False), ("setup", "given", False), ("setup", None, True)]
)
def test_another_setup_seed_or_a_fresh_start_knows_nothing(setup, seed, fresh):
    book = in_memory()
    entry = book.begin("setup")
    kept(book, entry)
    book.finish(entry, 3.0)
    other = book.begin(setup, seed, fresh=fresh)
    assert other.seed != entry.seed
    assert not book.known(other, "ann", "c")


def test_a_fresh_start_with_the_seed_of_before_knows_nothing():
    book = in_memory()
    entry = book.begin("setup", "given")
    kept(book, entry)
    again = book.begin("setup", "given", fresh=True)
    assert not book.known(again, "ann", "c")


def test_other_content_and_what_is_not_settled_is_graded_again():
    book = in_memory()
    entry = book.begin("setup")
    kept(book, entry, "ann", "c")
    kept(book, entry, "bob", "c", settled=False)
    assert not book.known(entry, "ann", "d")
    assert not book.known(entry, "bob", "c")
    assert book.submission(entry, "bob").id == "bob"


def test_two_runs_do_not_share_a_folder(tmp_path):
    with opened(tmp_path), pytest.raises(GradebookError, match="another run"), opened(tmp_path):
        pass


@pytest.mark.parametrize("content", [b"not a database", b"", b"SQLite format 3\0" + bytes(200)])
def test_a_broken_file_is_an_error_with_advice(tmp_path, content):
    (tmp_path / NAME).write_bytes(content)
    if content:
        with pytest.raises(GradebookError, match="move it away"), opened(tmp_path):
            pass
    else:
        with opened(tmp_path) as book:
            book.begin("setup")


def grade(folder, out):
    command = [
        sys.executable,
        str(ROOT / "grader" / "grade.py"),
        str(folder),
        "--out",
        str(out),
        "--seed",
        "s",
        *OPTIONS,
    ]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


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
def undisturbed(folder, tmp_path_factory):
    out = tmp_path_factory.mktemp("undisturbed")
    finish(grade(folder, out))
    return verdicts(out)


def descendants(pid):
    """All processes below one, in this process's own /proc."""
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
    found = [pid]
    for one in found:
        found += [child for child, parent in parents.items() if parent == one]
    return found[1:]


def alive(pids):
    return [pid for pid in pids if Path(f"/proc/{pid}").exists() and "Z" not in state(pid)]


def state(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return "Z"


@pytest.mark.slow
def test_killed_at_any_moment_and_run_again_it_comes_to_the_same(folder, undisturbed, tmp_path):
    for pause in (0.5, 3.0, 4.0, 5.0, 6.0):
        process = grade(folder, tmp_path)
        time.sleep(pause)
        below = descendants(process.pid)
        process.kill()
        process.communicate()
        deadline = time.monotonic() + 5
        while alive(below) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not alive(below), "processes survived the grader"
    finish(grade(folder, tmp_path))
    assert verdicts(tmp_path) == undisturbed


@pytest.mark.slow
def test_a_killed_process_below_the_grader_changes_nothing(folder, undisturbed, tmp_path):
    process = grade(folder, tmp_path)
    chance = random.Random(3)
    time.sleep(3.5)
    for _ in range(3):
        below = descendants(process.pid)
        if process.poll() is None and below:
            os.kill(chance.choice(below), signal.SIGKILL)
        time.sleep(1.0)
    output, _ = process.communicate()
    assert process.returncode in (0, 1), output  # 1: twice the same submission was hit, which is named
    finish(grade(folder, tmp_path))
    assert verdicts(tmp_path) == undisturbed


@pytest.mark.slow
def test_an_interrupt_stops_soon_and_says_how_to_go_on(folder, undisturbed, tmp_path):
    process = grade(folder, tmp_path)
    time.sleep(4.0)
    below = descendants(process.pid)
    process.send_signal(signal.SIGINT)
    start = time.monotonic()
    output, _ = process.communicate(timeout=10)
    assert time.monotonic() - start < 2
    assert process.returncode == 130
    assert "the same command goes on from here" in output
    assert "Traceback" not in output
    time.sleep(0.5)
    assert not alive(below)
    finish(grade(folder, tmp_path))
    assert verdicts(tmp_path) == undisturbed


def test_grading_again_costs_what_changed(folder, tmp_path):
    from grader.collect import discover

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
