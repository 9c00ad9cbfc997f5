"""Switches that take one of the grader's defences away, for the tests of attacks; nothing else can reach them.

A test starts its workers with `start_line`, so that this module patches named functions of the grader before a worker
begins. A submission with a further topic `switched_off`, whose source names switches, is then graded without those
defences. As a script this is two naive graders, which import a submission into the process that judges it:

    hidden   pytest on our own hidden tests with --submission
    naive    pytest in the submission's folder, on a test file that was put there
"""

import base64
import contextlib
import functools
import json
import os
import sys
from pathlib import Path

TOPIC = "switched_off"
SWITCHES = {
    "fresh": "every timed request draws fresh arguments",
    "verified": "every timed reply is verified",
    "rest": "a clock is read once all threads sleep",
    "tampering": "replaced functions are noticed",
    "bill": "all CPU time of a race is paid for",
    "copies": "copies are counted on every thread",
    "nonce": "a reply belongs to one request",
    "watch": "another process watches the time and kills",
    "values": "an error is no answer where a value is asked for",
}
RUN_SWITCHES = {"capabilities": "a child that stays root keeps none of root's powers"}
off: set[str] = set()
_PATHS = "import sys; sys.path.insert(0, sys.argv[1]); sys.path.insert(1, {bank!r}); "
_PATCH = "import switches; switches.{install}({tasks!r}, {without!r}); "
_BEGIN = "from grader.worker import main; sys.exit(main())  # {mark}"


def start_line(tasks, mark, *, switchable, without=()):
    """A START for grader.workers: only checks of these tasks; all switches within reach, or some off for the run."""
    install = "install" if switchable else "only"
    paths = _PATHS.format(bank=str(Path(__file__).parent))
    patch = _PATCH.format(install=install, tasks=list(tasks), without=list(without))
    return paths + patch + _BEGIN.format(mark=mark)


def only(tasks, without=()):
    """Run the checks of these tasks, and no others; nothing is weaker for that."""
    if "capabilities" in without:
        from grader.confined import kernel

        kernel.drop_capabilities = lambda: None
    _after_start(lambda: _select(tasks))


def install(tasks, without=()):
    """Put all switches in place: the child's before the zygote is forked, the worker's behind."""
    assert not without
    _child_switches()
    _after_start(lambda: (_select(tasks), _worker_switches()))


def _after_start(act):
    """Patch what the zygote must not know once it is forked."""
    from grader import worker

    start = worker._start

    def started(setup):
        found = start(setup)
        act()
        return found

    worker._start = started


def _select(tasks):
    from grader import serving
    from grader.checks import check_of

    wanted = serving.Serving._wanted
    serving.Serving._wanted = lambda self, item: wanted(self, item) and check_of(item).task in tasks


def _guard(owner, name, switch, instead):
    """Call `instead(original, …)` in place of a function while its switch is off."""
    original = getattr(owner, name)

    @functools.wraps(original)
    def either(*args, **kwargs):
        return instead(original, *args, **kwargs) if switch in off else original(*args, **kwargs)

    setattr(owner, name, either)


def _set(text):
    off.clear()
    off.update(text.decode().split())


def _child_switches():
    from grader.accelerator import counting
    from grader.confined import session

    load = session.Session._load

    def load_and_set(self, topic, sources, code, seed):
        if TOPIC in sources:
            _set(sources[TOPIC])
        return load(self, topic, sources, code, seed)

    session.Session._load = load_and_set
    _guard(counting, "_copied_since", "copies", lambda original, before: 0)
    _guard(session, "_changes", "tampering", lambda original, snapshot: [])


def _worker_switches():
    from grader import rooms, serving, speed, student

    submission = serving.Serving._submission

    def set_and_grade(self, session, message):
        _set(base64.b64decode(message["sources"].get(TOPIC, "")))
        return submission(self, session, message)

    serving.Serving._submission = set_and_grade
    _guard(speed.Race, "__call__", "fresh", _same_unit_again)
    _guard(speed.Race, "__call__", "verified", _unverified)
    _guard(speed.Race, "_bill", "bill", lambda original, race, limit: None)
    _guard(rooms.Room, "_at_rest", "rest", lambda original, room: True)
    _guard(rooms._Watch, "_check", "watch", lambda original, watch: None)
    _guard(rooms.Room, "_spoke", "nonce", lambda original, room: False)
    _guard(student.Student, "_read", "nonce", _any_nonce)
    _guard(student.Student, "call", "values", _benefit_of_the_doubt)


def _same_unit_again(original, race, probe, unit, verify, **options):
    drawn = unit()
    return original(race, probe, lambda: drawn, verify, **options)


def _unverified(original, race, probe, unit, verify, **options):
    return original(race, probe, unit, lambda value, reference: None, **options)


def _any_nonce(original, student, header, content, nonce):
    return original(student, header | {"nonce": nonce}, content, nonce)


def _benefit_of_the_doubt(original, student, *args, **kwargs):
    """What the reference returns, when the student's code raised."""
    from grader.confined import values
    from grader.plugin import reference_sources
    from grader.student import Raised

    outcome = student.outcome("call", student.task, *args, **kwargs)
    if not isinstance(outcome, Raised):
        return outcome
    names = {}
    exec(reference_sources()[student.module.topic], names)
    tree, body = values.encode(names[student.task](*args, **kwargs), layout=False)
    return values.decode(tree, body, layout=False)


# --- naive graders -----------------------------------------------------------------------------------------------

NAIVE_TEST = """
import torch
from tensor_init import band

def test_equal():
    index = torch.arange(5)
    assert torch.equal(band(5, 1), ((index[:, None] - index).abs() <= 1).float())

def test_all():
    index = torch.arange(4)
    assert (band(4, 2) == ((index[:, None] - index).abs() <= 2).float()).all()
"""
TESTS = {"naive": 2, "hidden": 0}  # what an exit code of 0 is taken for


class Passed:
    """Writes a line for every test that passed."""

    def __init__(self, task, fd):
        self.task, self.fd = task, fd

    def pytest_collection_modifyitems(self, items):
        from grader.checks import check_of

        items[:] = [item for item in items if not check_of(item) or check_of(item).task == self.task]

    def pytest_runtest_logreport(self, report):
        if report.when == "call" and report.outcome == "passed":
            os.write(self.fd, b".")


def in_process(job):
    """Points in a naive grader: the tests that passed, or all of them when the process ended well."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        with contextlib.suppress(BaseException):
            os._exit(_run_pytest(job, writer))
        os._exit(70)
    os.close(writer)
    with open(reader, "rb") as pipe:
        passed = len(pipe.read())
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return max(passed, TESTS[job["how"]] if code == 0 else 0)


def _run_pytest(job, writer):
    import pytest

    null = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(null, fd)
    os.chdir(job["folder"])
    off.update(job["off"])
    plugins = [Passed(job["task"], writer)]
    if job["how"] == "naive":
        Path("test_naive.py").write_text(NAIVE_TEST, encoding="utf-8")
        return pytest.main([".", "-q", "-p", "no:cacheprovider"], plugins)
    from grader.paths import HIDDEN, ROOT

    tests = [str(HIDDEN / "test_tensor_init.py"), f"--rootdir={ROOT}", f"--config-file={ROOT / 'pyproject.toml'}"]
    return pytest.main([*tests, "-p", "no:cacheprovider", "-m", job["kind"], "--submission", "."], plugins)


def main():
    """Jobs on standard input, points on standard output; each job in a fork of this process."""
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))
    import pytest  # noqa: F401  (so that no fork has to)
    import torch  # noqa: F401

    import grader.plugin  # noqa: F401

    sys.modules["switches"] = sys.modules["__main__"]
    _child_switches()
    print(json.dumps([in_process(job) for job in json.load(sys.stdin)]))


if __name__ == "__main__":
    main()
