"""Naive graders: each judges a submission in the process that it was imported into, or reads what it wrote.

    hidden   pytest on our own hidden tests with --submission
    pytest   pytest in the submission's folder, on a test file that was put there
    script   the same test file as a program in the submission's folder, whose exit code counts
    cells    a notebook: the submission's cell, then a cell a test
    doctest  Python's doctest runner on the submission's names
    after    the reference first, then the submission, in one process's memory
    timed    a clock, or CUDA's events, around a call whose result is verified afterwards
    timer    an alarm that raises, and that lets a debugger be
    pickled  the submission's process sends a pickle of its result

As a script: jobs of JSON on standard input, points on standard output; each job in a fork of this process.
"""

import ast
import builtins
import contextlib
import json
import os
import pickle
import runpy
import signal
import sys
import time
import types
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
TESTS = """
import os
import random

import torch
from tensor_init import band, from_rows


def right(n, width):
    index = torch.arange(n)
    return ((index[:, None] - index).abs() <= width).float()


def test_equal():
    n = random.randint(5, 30)
    assert torch.equal(band(n, 1), right(n, 1))


def test_all():
    n = random.randint(5, 30)
    assert (band(n, 2) == right(n, 2)).all()


def test_close():
    assert not ((band(4, 1) - right(4, 1)).abs() > 1e-6).any()


def test_rows():
    rows = [[1, 2], [3, 4]]
    result = from_rows(rows)
    assert torch.equal(result, torch.tensor(rows, dtype=torch.float32))


def test_model():
    if os.path.exists("model.pt"):
        torch.load("model.pt", weights_only=False)
"""
COUNT = 5  # tests; what an exit code of 0 is taken for
PROGRAM = """
import os, site, sys
sys.path.insert(0, os.getcwd())
site.addsitedir(os.getcwd())
{tests}
random.seed(1)
for test in (test_equal, test_all, test_close, test_rows, test_model):
    try:
        test()
        os.write(1, b".")
    except AssertionError:
        failed = True
sys.exit(failed)
"""
SLOW = 0.5  # seconds that the alarm waits
SIZE = 2500  # of the matrix that is timed


class Passed:
    """Writes a dot for every test that passed, to a descriptor that stays open."""

    def __init__(self, task, fd):
        self.task, self.fd = task, fd

    def pytest_collection_modifyitems(self, items):
        from grader.checks import check_of

        items[:] = [item for item in items if not check_of(item) or check_of(item).task == self.task]

    def pytest_runtest_logreport(self, report):
        if report.when == "call" and report.outcome == "passed":
            os.write(self.fd, b".")


def by_hidden(job, fd):
    import pytest

    tests = [
        str(ROOT / "tests/hidden/test_tensor_init.py"),
        f"--rootdir={ROOT}",
        f"--config-file={ROOT}/pyproject.toml",
    ]
    pytest.main([*tests, "-p", "no:cacheprovider", "-m", job["kind"], "--submission", "."], [Passed(job["task"], fd)])
    return 1  # what counts are the dots


def by_pytest(job, fd):
    import pytest

    Path("test_naive.py").write_text(TESTS, encoding="utf-8")
    return pytest.main([".", "-q", "-p", "no:cacheprovider"], [Passed(job["task"], fd)])


def by_script(job, fd):
    """In a new interpreter, which finds the submission's folder on its path."""
    os.dup2(fd, 1)
    os.environ["PYTHONPATH"] = "."
    os.execv(sys.executable, [sys.executable, "-c", PROGRAM.format(tests=TESTS)])


def by_cells(job, fd):
    """As a notebook's shell does: parse, transform, compile, run."""
    shell = types.SimpleNamespace(ast_transformers=[])
    builtins.get_ipython = lambda: shell
    names = {"__name__": "__main__"}
    cells = [Path("tensor_init.py").read_text(encoding="utf-8"), "band(1, 1)"]
    cells += [
        "index = torch.arange(5)",
        "assert torch.equal(band(5, 1), ((index[:, None] - index).abs() <= 1).float())",
    ]
    for cell in cells:
        tree = ast.parse(cell)
        for transformer in shell.ast_transformers:
            tree = transformer.visit(tree)
        exec(compile(ast.fix_missing_locations(tree), "<cell>", "exec"), names)
    return 0


def by_doctest(job, fd):
    import doctest

    names = vars(_module())
    names["band"](1, 1)
    text = ">>> band(2, 0).tolist()\n[[1.0, 0.0], [0.0, 1.0]]\n"
    return doctest.DocTestRunner().run(doctest.DocTestParser().get_doctest(text, names, "band", None, 0)).failed


def by_after(job, fd):
    """What the reference's answer lay in is free when the submission is asked; a hundred sizes, for one to be lucky."""
    band = _module().band
    return int(not any(_right(n, 1).tolist() == band(n, 1).tolist() for n in range(100, 200)))


def by_timed(job, fd):
    """The right answer, which may take some time to be seen, in a fifth of the time of a loop."""
    module, results = _module(), []
    module.band(4, 1)  # the first call is a rehearsal
    loop = _seconds(lambda: [[1.0 if abs(i - j) <= 3 else 0.0 for j in range(SIZE)] for i in range(SIZE)], False)
    spent = _seconds(lambda: results.append(module.band(SIZE, 3)))
    end = time.monotonic() + 20
    while not (right := _right(SIZE, 3).equal(+results[0])) and time.monotonic() < end:
        time.sleep(0.01)
    return int(spent > loop / 5 or not right)


def _seconds(act, synchronized=True):
    import torch

    try:
        start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
    except (RuntimeError, AssertionError):
        synchronized = False
    if not synchronized:
        begin = time.perf_counter()
        act()
        return time.perf_counter() - begin
    start.record()
    act()
    end.record()
    torch.cuda.synchronize()
    return start.elapsed_time(end) / 1e3


def _right(n, width):
    import torch

    index = torch.arange(n)
    return ((index[:, None] - index).abs() <= width).float()


def by_timer(job, fd):
    """As pytest-timeout does it."""

    def ring(number, frame):
        if sys.gettrace() is None:
            os._exit(1)

    signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, SLOW)
    return int(not _right(5, 1).equal(_module().band(5, 1)))


def by_pickled(job, fd):
    """What comes back from the submission's process is unpickled here."""
    reader, writer = os.pipe()
    if os.fork() == 0:
        with contextlib.suppress(BaseException), open(writer, "wb") as file:
            result = _module().band(2, 0)
            pickle.dump(result.tolist() if hasattr(result, "tolist") else result, file)
        os._exit(0)
    os.close(writer)
    with open(reader, "rb") as file:
        return int(pickle.load(file) != [[1.0, 0.0], [0.0, 1.0]])


def _module():
    sys.path.insert(0, ".")
    module = types.ModuleType("tensor_init")
    vars(module).update(runpy.run_path("tensor_init.py", run_name="tensor_init"))
    return module


def graded(job):
    """Points: the dots, or all when the process ended well."""
    reader, writer = os.pipe()
    os.set_inheritable(writer, True)
    child = os.fork()
    if child == 0:
        os.close(reader)
        with contextlib.suppress(BaseException):
            os._exit(_grade(job, writer))
        os._exit(70)
    os.close(writer)
    with open(reader, "rb") as pipe:
        passed = len(pipe.read())
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return max(passed, COUNT if code == 0 else 0)


def _grade(job, fd):
    null = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(null, number)
    os.chdir(job["folder"])
    switches.off.update(job["off"])
    return int(globals()[f"by_{job['how']}"](job, fd))


if __name__ == "__main__":
    sys.path[:0] = [str(ROOT)]
    import pytest  # noqa: F401  (so that no fork has to)
    import switches
    import torch  # noqa: F401

    import grader.plugin  # noqa: F401

    switches.child_switches()
    print(json.dumps([graded(job) for job in json.load(sys.stdin)]))
