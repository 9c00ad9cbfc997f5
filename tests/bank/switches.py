"""Switches that take one of the grader's defences away, for the tests of attacks; nothing else can reach them.

A test starts its workers with `start_line`, so that this module patches named functions of the grader before a worker
begins. A submission with a further topic `switched_off`, whose source names switches, is then graded without those
defences.
"""

import base64
import functools
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
    "secret": "nobody knows the seed of a submission's inputs",
    "crowd": "threads are counted",
}
RUN_SWITCHES = {
    "capabilities": "a child that stays root keeps none of root's powers",
    "descriptors": "a child has one descriptor open",
    "streams": "a child's standard streams lead nowhere",
    "environment": "a worker's environment holds no secret",
}
off: set[str] = set()
_PATHS = "import sys; sys.path.insert(0, sys.argv[1]); sys.path.insert(1, {bank!r}); "
_PATCH = "import switches; switches.install({checks!r}, {without!r}, {switchable}); "
_BEGIN = "from grader.worker import main; sys.exit(main())  # {mark}"


def start_line(checks, mark, *, switchable, without=()):
    """A START for grader.workers: only these checks, by task and kind; switches within reach, or off for the run."""
    paths = _PATHS.format(bank=str(Path(__file__).parent))
    patch = _PATCH.format(checks=checks, without=list(without), switchable=switchable)
    return paths + patch + _BEGIN.format(mark=mark)


def install(checks, without, switchable):
    """Run these checks and no others. The child's switches are there before the zygote is forked, the
    worker's behind; without any, nothing is weaker."""
    from grader.confined import kernel, zygote

    if "capabilities" in without:
        kernel.drop_capabilities = lambda: None
    if "descriptors" in without:
        zygote._close_all_but = lambda keep: None
    if "streams" in without:
        zygote._standard_streams = lambda: None
    if switchable:
        child_switches()
    _after_start(lambda: (_select(checks), switchable and _worker_switches()))


def _after_start(act):
    """Patch what the zygote must not know once it is forked."""
    from grader import worker

    start = worker._start

    def started(setup):
        found = start(setup)
        act()
        return found

    worker._start = started


def _select(checks):
    from grader import serving
    from grader.checks import check_of

    wanted = serving.Serving._wanted
    serving.Serving._wanted = lambda self, item: wanted(self, item) and _key(check_of(item)) in checks


def _key(check):
    return [check.task, check.kind]


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


def child_switches():
    from grader.accelerator import counting
    from grader.confined import session

    load = session.Session._load

    def load_and_set(self, topic, sources, **more):
        if TOPIC in sources:
            _set(sources[TOPIC])
        return load(self, topic, sources, **more)

    session.Session._load = load_and_set
    _guard(counting, "_copied_since", "copies", lambda original, before: 0)
    _guard(session, "_changes", "tampering", lambda original, snapshot: [])


def _worker_switches():
    from grader import rooms, serving, speed, student

    submission = serving.Serving._submission

    def set_and_grade(self, session, message):
        _set(base64.b64decode(message["sources"].get(TOPIC, "")))
        return submission(self, session, message | ({"seed": "authors"} if "secret" in off else {}))

    serving.Serving._submission = set_and_grade
    _guard(speed.Race, "__call__", "fresh", _same_unit_again)
    _guard(speed.Race, "__call__", "verified", _unverified)
    _guard(speed.Race, "_bill", "bill", lambda original, race, limit: None)
    _guard(rooms.Room, "_at_rest", "rest", lambda original, room: True)
    _guard(rooms._Watch, "_check", "watch", lambda original, watch: None)
    _guard(rooms.Room, "_threads", "crowd", lambda original, room: 0)
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
