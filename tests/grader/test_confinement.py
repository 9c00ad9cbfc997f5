"""The walls: what a confined child can't do, and that the self-test notices when it can."""

import os
import re
import subprocess
import sys
import textwrap
import time
import uuid

import pytest
from handed_in import in_memory
from processes import marked

from grader import workers
from grader.confined import layers, seccomp
from grader.paths import ROOT
from grader.run import LIMITS, GradingError, Options, run

DENIED = [
    "os.fork()",
    "os.execv('/bin/true', ['true'])",
    "subprocess.run(['true'])",
    "socket.socket()",
    "os.kill(os.getppid(), 9)",
    "os.kill(1, 9)",
    f"open({str(ROOT / 'solutions' / 'strides.py')!r})",
    f"open({str(ROOT / 'tests' / 'hidden' / 'test_strides.py')!r})",
    "open('/etc/passwd')",
    "open('/proc/1/mem', 'rb')",
    "open('/usr/lib/evil', 'w')",
    "open('/tmp/evil', 'w')",
    "open('/scratch/evil', 'w')",
    "os.setuid(0)",
    "os.chroot('/')",
    "os.sched_setaffinity(0, {0})",
    "os.chmod('/tmp', 0o777)",
    "os.setpriority(os.PRIO_PROCESS, 0, 10)",
]
LEAVE = ["os._exit(0)", "os.abort()", "ctypes.string_at(0)", "signal.pthread_kill(threading.get_ident(), 40)"]
THREADS = "[threading.Thread(target=time.sleep, args=(1,)).start() for _ in range(5000)]"
MEMORY = "return bytearray(100 << 30)"
ENVIRONMENT = "raise KeyError(sorted(os.environ))"
SCRATCH = "raise KeyError(sorted(os.listdir('.')), open('left', 'w').write('x'))"
OPEN_FILES = "raise KeyError([n for n in range(3, 512) if not is_closed(n)].__len__())"
LOOP = "while True: pass"
SLEEP = "try: time.sleep(1000)\nexcept BaseException: time.sleep(1000)"
NAMELESS = "ctypes.CDLL(None).prctl(15, b'\\xff) Z')\ntime.sleep(1000)"  # PR_SET_NAME
BODIES = [*DENIED, *LEAVE, "sys.exit(0)", THREADS, MEMORY, ENVIRONMENT, SCRATCH, OPEN_FILES, LOOP, SLEEP, NAMELESS]
SOURCE = """
import ctypes, fcntl, gc, os, signal, socket, subprocess, sys, threading, time

def is_closed(number):
    try:
        os.fstat(number)
    except OSError:
        return True

def row_major_strides(shape):
{}
"""


@pytest.fixture(scope="module", params=[(), ("namespaces",)], ids=["all walls", "no namespaces"])
def seen(request):
    """Body of row_major_strides to its first check, all graded in one run."""
    os.environ["GITHUB_TOKEN"] = "hush"
    options = Options(["strides"], ["correctness"], device="cpu", seed="x", without=request.param, jobs=2)
    submissions = [in_memory(body, {"strides": SOURCE.format(textwrap.indent(body, "    "))}) for body in BODIES]
    outcome = run(submissions, options)
    del os.environ["GITHUB_TOKEN"]
    assert not outcome.troubles
    return {s.id: next(c for c in s.checks if c.task == "row_major_strides") for s in outcome.results.submissions}


@pytest.fixture(scope="module", autouse=True)
def short_limits():
    """So that what hangs does not hang for long."""
    kept = dict(LIMITS)
    LIMITS["cpu"] = 1.0
    yield
    LIMITS.update(kept)


def test_all_walls_of_this_machine_are_up(graded, solution):
    run = graded({"ann": {"strides": solution("strides")}}).results.run
    assert run.confinement.missing == []
    assert any(layer.startswith("seccomp") for layer in run.confinement.layers)
    assert any(layer.startswith("landlock") for layer in run.confinement.layers)


@pytest.mark.parametrize("body", DENIED)
def test_denied(seen, body):
    assert seen[body].status == "error"
    words = ("PermissionError", "FileNotFoundError", "ProcessLookupError", "NotADirectoryError")
    assert any(word in seen[body].message for word in words), seen[body].message


def test_threads_are_bounded(seen):
    """By the kernel where the id is the child's own, else by the grader, which counts."""
    assert re.search("can't start new thread|more than 128 threads", seen[THREADS].message)


def test_memory_is_bounded(seen):
    assert "MemoryError" in seen[MEMORY].message


def test_the_scratch_folder_is_new_for_every_check_or_not_there(seen):
    assert "([], 1)" in seen[SCRATCH].message or "PermissionError" in seen[SCRATCH].message


def test_the_environment_is_empty_of_secrets(seen):
    assert "GITHUB_TOKEN" not in seen[ENVIRONMENT].message
    assert "OMP_NUM_THREADS" in seen[ENVIRONMENT].message


def test_only_one_descriptor_is_open(seen):
    assert "KeyError" in seen[OPEN_FILES].message
    assert seen[OPEN_FILES].message.endswith(": 1")


def test_an_endless_loop_is_stopped_by_its_cpu_time(seen):
    assert seen[LOOP].status == "timeout"
    assert "CPU" in seen[LOOP].message


@pytest.mark.parametrize("body", [SLEEP, NAMELESS])
def test_a_sleeper_is_noticed_before_its_limit(seen, body):
    assert seen[body].status == "timeout"
    assert "sleeps" in seen[body].message
    assert seen[body].seconds < LIMITS["wall"]


FLAG = """
flags = fcntl.fcntl(1, fcntl.F_GETFL)
fcntl.fcntl(1, fcntl.F_SETFL, flags | os.O_APPEND)
raise KeyError(flags & os.O_APPEND)
"""


def test_a_flag_on_a_standard_stream_is_nothing_that_the_next_child_sees(graded):
    submission = graded({"ann": {"strides": SOURCE.format(textwrap.indent(FLAG, "    "))}}).results.submissions[0]
    messages = [check.message for check in submission.checks if check.task == "row_major_strides"]
    assert [message.rpartition(": ")[2] for message in messages] == ["0", "0"]


@pytest.mark.parametrize("body", [*LEAVE, "sys.exit(0)"])
def test_leaving_is_no_answer(seen, body):
    assert seen[body].status == "error"
    assert seen[body].points == 0


def test_the_self_test_refuses_to_grade_without_walls(graded, solution):
    with pytest.raises(GradingError, match="does not hold here"):
        graded({"ann": {"strides": solution("strides")}}, without=("landlock", "namespaces"))


@pytest.mark.parametrize("body", ["os.listdir('/scratch')", "os.mkdir('/scratch/mine')", "os.listdir('..')"])
def test_without_landlock_a_child_finds_no_scratch_folder_but_its_own(graded, body):
    source = SOURCE.format(textwrap.indent(body, "    "))
    (submission,) = graded({"ann": {"strides": source}}, without=("landlock",)).results.submissions
    check = next(c for c in submission.checks if c.task == "row_major_strides")
    assert "PermissionError" in check.message


def test_unconfined_grading_says_so(graded, solution):
    everything = ("namespaces", "landlock", "seccomp", "uid", "rlimits")
    outcome = graded({"ann": {"strides": solution("strides")}}, without=everything, allow_unconfined=True)
    assert outcome.results.run.confinement.layers == ["UNSANDBOXED"]
    assert any("self-test failed" in text for text in outcome.results.run.confinement.missing)


def test_nothing_survives_a_run(graded, monkeypatch):
    mark = f"mark-{uuid.uuid4()}"  # on the command line of this run's processes, which all forks keep
    monkeypatch.setattr(workers, "START", f"{workers.START}  # {mark}")
    graded({"ann": {"strides": "import threading, time\nthreading.Thread(target=time.sleep, args=(60,)).start()\n"}})
    deadline = time.monotonic() + 5
    while (left := set(marked(mark))) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not left


def test_seccomp_lets_a_process_signal_itself_only():
    """The filter in a process of its own, without the rest."""
    code = """
        import os, signal, sys
        from grader.confined import kernel, seccomp
        kernel.prctl(kernel.NO_NEW_PRIVS, 1)
        seccomp.restrict(os.getpid())
        signal.signal(signal.SIGUSR1, lambda *_: None)
        signal.raise_signal(signal.SIGUSR1)
        try:
            os.kill(os.getppid(), 0)
        except PermissionError:
            sys.exit(7)
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], cwd=ROOT, check=False)
    assert done.returncode == 7
    assert len(seccomp.program(os.getpid())) % 8 == 0


def test_library_folders_hold_no_course():
    for folder in layers.libraries():
        assert not str(ROOT).startswith(folder.rstrip("/") + "/")


def test_a_library_counts_as_reachable_where_anybody_may_read_it(tmp_path):
    assert layers.reachable("/usr/lib")
    assert layers.reachable("/etc/passwd"), "a file that all may read, and nobody execute"
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    assert not layers.reachable(str(closed))
    assert not layers.reachable("/etc/shadow")
