"""Submissions that exhaust memory, time, processes, files or the grader's patience hurt only themselves."""

import os
import time
import uuid
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace

import hogs
import pytest
from handed_in import in_memory
from processes import marked

from grader import workers
from grader.paths import SOLUTIONS
from grader.plugin import BACKEND
from grader.run import LIMITS, Options, Watcher, run
from grader.serving import TRIES, ConfinedBackend, Serving
from grader.verdicts import Killed

SHORT = {"cpu": 0.7, "wall": 4.0, "submission_wall": 7.0}
SLACK = 30.0  # what a loaded machine may add
GROWTH = 256  # MiB that a worker may need beyond what an honest submission takes: a reply's limit and its decoding
PLACES = ("/tmp", "/dev/shm", "/var/tmp", ".")
LITTER = """
import os
for place in {places}:
    for make in (os.mkdir, lambda path: open(path, "w"), os.mkfifo, lambda path: os.symlink("/etc", path)):
        try:
            make(place + "/{mark}" + str(make))
        except OSError:
            pass
"""
LOOKS = """
import os
def row_major_strides(shape):
    space = os.statvfs(".")
    raise KeyError(os.listdir("."), space.f_blocks - space.f_bfree, space.f_files - space.f_ffree)
"""
SLEEPS = "import time\n" + "\n".join(
    f"def {task}(*arguments): time.sleep(100)"
    for task in ("row_major_strides", "offset_of", "is_row_major", "flat_view")
)


@pytest.fixture(scope="module", autouse=True)
def short_limits():
    """So that what hangs does not hang for long."""
    kept = dict(LIMITS)
    LIMITS.update(SHORT)
    yield
    LIMITS.update(kept)


class Looking(Watcher):
    """Notes the most memory that any worker has had, and whom the kernel kills first when memory runs out."""

    def __init__(self, mark):
        self.mark, self.peaks, self.scores = mark, [], {True: set(), False: set()}

    def check_done(self, id, done, total):
        if done == total and not (id != "first" and not self.peaks):
            self.look()

    def look(self):
        peaks = []
        for process in marked(self.mark):
            with suppress(OSError):
                status = dict(
                    line.split(":", 1) for line in (process / "status").read_text(errors="replace").splitlines()
                )
                trusted = int(status["PPid"]) == os.getpid()
                self.scores[trusted].add((process / "oom_score_adj").read_text().strip())
                peaks += [int(status["VmHWM"].split()[0]) >> 10] if trusted else []
        self.peaks.append(max(peaks))


def mounts():
    """Where something is mounted that only a child's own namespace should have."""
    places = [line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines()]
    return {place for place in places if place == "/tmp" or place.startswith("/scratch")}


class Class:
    """All hogs, an honest submission before and after each, and what they left."""

    def __init__(self, mark, solution, without):
        self.mark, self.mounted, self.watcher = mark, mounts(), Looking(mark)
        submissions = list(self.submissions(solution))
        options = Options(["strides"], ["correctness"], device="cpu", seed="x", without=without, jobs=2)
        self.outcome = run(submissions, options, self.watcher)
        self.results = {submission.id: submission for submission in self.outcome.results.submissions}

    def submissions(self, solution):
        litter = LITTER.format(places=PLACES, mark=self.mark)
        yield in_memory("first", {"strides": solution})
        for name, source in hogs.hogs().items():
            yield in_memory(name, {"strides": litter + source})
            yield in_memory(f"after {name}", {"strides": solution})
            if "open('f'" in name or "open(f'" in name or "mkdir" in name:
                yield in_memory(f"looks after {name}", {"strides": LOOKS})
        yield in_memory("sleeps", {"strides": SLEEPS})

    def ending(self, name):
        """The checks of the task that the hog is in."""
        return [check for check in self.results[name].checks if check.task == "row_major_strides"]


@pytest.fixture(scope="module", params=[(), ("namespaces",)], ids=["all walls", "no namespaces"])
def graded(request):
    mark = f"mark-{uuid.uuid4()}"  # on the command line of this run's processes, which all forks keep
    solution = (SOLUTIONS / "strides.py").read_text(encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(workers, "START", f"{workers.START}  # {mark}")
        a_class = Class(mark, solution, request.param)
    a_class.walls = "no namespaces" if request.param else "all walls"
    return a_class


@pytest.mark.parametrize("name", hogs.endings())
def test_a_hog_ends_with_a_status_and_a_message_that_tells_why(graded, name):
    status, words = hogs.endings()[name]
    if graded.walls == "no namespaces":
        status, words = hogs.WITHOUT_NAMESPACES.get(name, (status, words))
    for check in graded.ending(name):
        assert (check.status, check.points) == (status, 0), check.message
        assert words in f"{check.message} {check.diagnosis}"
        assert len(check.message) < 1000


def test_every_hog_is_graded(graded):
    assert graded.outcome.troubles == []
    assert {submission.status for submission in graded.results.values()} == {"graded"}


def test_no_hog_takes_longer_than_its_limits(graded):
    for submission in graded.results.values():
        assert submission.seconds < SHORT["submission_wall"] + SLACK, submission.id
        for check in submission.checks:
            assert check.seconds < TRIES * SHORT["wall"] + SLACK, submission.id


def test_sleeping_in_every_task_is_bounded_by_the_submission(graded):
    messages = [check.message for check in graded.results["sleeps"].checks]
    assert f"the submission as a whole used up its {SHORT['submission_wall']:g} s" in messages


def test_who_is_killed_at_each_try_is_tried_only_once_from_then_on(monkeypatch):
    tried = []

    def killed(serving, item, following):
        tried.append(item)
        return [SimpleNamespace(verdict=Killed("killed"))], {}

    monkeypatch.setattr(Serving, "_check", killed)
    job = SimpleNamespace(limits=LIMITS, device="cpu")
    item = SimpleNamespace(config=SimpleNamespace(stash={BACKEND: ConfinedBackend(job, {}, {})}))
    Serving(job)._settled(item, None)
    assert len(tried) == TRIES
    Serving(job)._settled(item, None)
    assert len(tried) == TRIES + 1


def test_an_honest_submission_after_a_hog_fares_as_one_before(graded):
    first = without_times(graded.results["first"])
    assert graded.results["first"].points == graded.results["first"].max_points
    for name in hogs.hogs():
        assert without_times(graded.results[f"after {name}"]) == first, name


def without_times(submission):
    checks = [check.model_copy(update={"seconds": 0.0}) for check in submission.checks]
    return submission.model_copy(update={"id": "", "seconds": 0.0, "checks": checks})


def test_the_folder_after_a_hog_is_empty_and_has_all_its_room(graded):
    for name, submission in graded.results.items():
        if name.startswith("looks"):
            seen = submission.checks[0].message
            assert ": ([], 0, 1)" in seen or "Permission" in seen, name


def test_no_process_file_or_mount_is_left(graded):
    deadline = time.monotonic() + SLACK
    while (left := list(marked(graded.mark))) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not left
    for place in (*PLACES, Path.cwd(), Path.home()):
        assert not list(Path(place).glob(f"*{graded.mark}*"))
    assert mounts() == graded.mounted


def test_the_memory_of_a_worker_does_not_grow_with_what_is_sent(graded):
    honest, *others = graded.watcher.peaks
    assert max(others) - honest < GROWTH


def test_when_memory_runs_out_the_kernel_kills_no_worker_first(graded):
    own = Path("/proc/self/oom_score_adj").read_text(encoding="ascii").strip()
    assert graded.watcher.scores == {True: {own}, False: {"1000"}}
