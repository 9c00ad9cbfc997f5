"""A hostile submission gains nothing; and it gains once its defence is switched off, or its test would prove nothing.

To gain is to earn more points for its task than its control: the same wrong answer without the cheat.
"""

import ast
import contextlib
import functools
import json
import os
import subprocess
import sys
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

import pytest

from grader import run as running
from grader import workers
from grader.collect import Collected, discover
from grader.confined import layers
from grader.paths import BANK, SOLUTIONS

sys.path.insert(0, str(BANK))

import switches

TOPIC = "tensor_init"
TASKS = ("from_rows", "band", "describe")
MARK = f"attacks-{uuid.uuid4()}"  # on the command line of all processes that are started here
HONEST = (SOLUTIONS / f"{TOPIC}.py").read_bytes()


@dataclass(frozen=True)
class Attack:
    """One attack, and how to take away what stops it."""

    slug: str
    without: tuple[str, ...] = ()  # layers of the confinement, and switches of a whole run
    off: tuple[str, ...] = ()  # switches
    how: str = "confined"  # or in a naive grader: hidden, naive
    task: str = "band"
    kind: str = "correctness"

    @property
    def path(self) -> Path:
        return BANK / "attacks" / f"{self.slug}.py"

    @property
    def files(self) -> dict[str, str]:
        """What it hands in beside its module."""
        tree = ast.parse(self.path.read_text(encoding="utf-8"))
        found = [n.value for n in tree.body if isinstance(n, ast.Assign) and getattr(n.targets[0], "id", "") == "FILES"]
        return ast.literal_eval(found[0]) if found else {}

    def source(self, cheating: bool) -> bytes:
        """The solution with the attack in place of its task; the control's cheat does nothing."""
        control = b"" if cheating else b"\n\ndef _cheat(*args, **kwargs):\n    return None\n"
        return _without_task(self.task) + b"\n\n" + self.path.read_bytes() + control


EXPOSED = ("namespaces", "landlock", "uid", "capabilities")
ATTACKS = [
    Attack("read_disk", without=EXPOSED),
    Attack("read_proc", without=EXPOSED),
    Attack("read_stack", how="hidden"),
    Attack("read_gc", how="hidden"),
    Attack("forge_reply", off=("nonce",)),
    Attack("forge_result", how="hidden"),
    Attack("always_equal", how="naive"),
    Attack("exits", how="naive"),
    Attack("clocks", how="hidden", off=("tampering",), kind="speed"),
    Attack("comparisons", how="hidden", off=("tampering",)),
    Attack("tensor_methods", how="naive"),
    Attack("probes", off=("tampering",)),
    Attack("timeout", off=("watch",)),
    Attack("cache", off=("fresh",)),
    Attack("answers_once", off=("verified",)),
    Attack("thread", off=("rest",)),
    Attack("table", off=("bill",)),
    Attack("other_thread", off=("copies",)),
    Attack("fork_bomb", without=("seccomp",)),
    Attack("memory", without=("rlimits",)),
    Attack("conftest_file", how="naive"),
    Attack("always_raises", off=("values",), task="from_rows"),
]
every_attack = pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.slug)


def _without_task(task: str) -> bytes:
    """The solution, and nothing that an attack could find in its own file."""
    lines = HONEST.decode().splitlines(keepends=True)
    (node,) = (n for n in ast.parse(HONEST).body if isinstance(n, ast.FunctionDef) and n.name == task)
    return "".join(lines[: node.lineno - 1] + lines[node.end_lineno :]).encode()


@dataclass(frozen=True)
class InMemory:
    """A submission that is no file."""

    id: str
    source: bytes
    off: tuple[str, ...] = ()

    def read(self) -> Collected:
        more = {switches.TOPIC: " ".join(self.off).encode()} if self.off else {}
        return Collected(self.id, {TOPIC: self.source, **more}, {})


def graded(found, *, without=(), switchable=False):
    """id to submission."""
    options = running.Options(
        topics=[TOPIC],
        kinds=["correctness", "gpu", "speed"],
        device="sim",
        without=tuple(name for name in without if name in layers.ALL),
        allow_unconfined=bool(without),
    )
    lost = [name for name in without if name in switches.RUN_SWITCHES]
    start = switches.start_line(TASKS, MARK, switchable=switchable, without=lost)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(workers, "START", start)
        patch.setattr(running, "LIMITS", running.LIMITS | {"cpu": 2.0})
        outcome = running.run(found, options)
    assert not outcome.troubles
    return {submission.id: submission for submission in outcome.results.submissions}


def points(submission, task):
    return sum(check.points for check in submission.checks if check.task == task)


def statuses(submission, task):
    return [f"{c.kind}: {c.name}: {c.status}: {c.message} {c.measured}" for c in submission.checks if c.task == task]


# --- with all defences -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def shipped(tmp_path_factory):
    """Each attack, an honest submission behind it, and its control."""
    found = []
    for attack in ATTACKS:
        found += [
            _handed_in(attack, tmp_path_factory.mktemp("submissions")),
            InMemory(f"honest after {attack.slug}", HONEST),
            InMemory(f"control of {attack.slug}", attack.source(cheating=False)),
        ]
    return graded(found)


def _handed_in(attack, folder):
    """As instructors get it: files in a folder where there is more than a module, else in memory."""
    if not attack.files:
        return InMemory(attack.slug, attack.source(cheating=True))
    _write(attack, folder / attack.slug, cheating=True)
    (found,) = discover(folder / attack.slug, [TOPIC])
    return found


def _write(attack, folder, cheating):
    folder.mkdir()
    files = {f"{TOPIC}.py": attack.source(cheating).decode(), **(attack.files if cheating else {})}
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@every_attack
def test_it_gains_nothing(shipped, attack):
    own, control = shipped[attack.slug], shipped[f"control of {attack.slug}"]
    assert points(own, attack.task) <= points(control, attack.task), statuses(own, attack.task)
    assert points(control, attack.task) < sum(c.max_points for c in control.checks if c.task == attack.task)


@every_attack
def test_the_other_tasks_keep_their_points(shipped, attack):
    for submission in (shipped[attack.slug], shipped[f"control of {attack.slug}"]):
        others = [check for check in submission.checks if check.task != attack.task]
        assert others
        assert all(check.status == "passed" for check in others), others


@every_attack
def test_the_next_submission_is_unharmed(shipped, attack):
    honest = shipped[f"honest after {attack.slug}"]
    assert honest.points == pytest.approx(honest.max_points), [c for c in honest.checks if c.status != "passed"]


def test_nothing_survives(shipped):
    end = time.monotonic() + 3
    while left := _processes():
        assert time.monotonic() < end, left
        time.sleep(0.05)


def _processes():
    found = []
    for folder in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if folder.name.isdigit() and MARK.encode() in (folder / "cmdline").read_bytes():
                found.append(folder.name)
    return found


# --- without one -------------------------------------------------------------------------------------------------


@functools.cache
def weakened(without: tuple[str, ...]):
    """Attacks and controls in one run without these layers, or, without any, with switches within reach."""
    found = []
    for attack in ATTACKS:
        if attack.how == "confined" and attack.without == without:
            for name, cheating in ((attack.slug, True), (f"control of {attack.slug}", False)):
                found.append(InMemory(name, attack.source(cheating), attack.off))
    return graded(found, without=without, switchable=not without)


@pytest.fixture(scope="module")
def in_process(tmp_path_factory):
    """Points of attacks and controls in naive graders."""
    attacks = [attack for attack in ATTACKS if attack.how != "confined"]
    jobs = [
        {
            "folder": str(_write(attack, tmp_path_factory.mktemp("naive") / attack.slug, cheating)),
            **{key: getattr(attack, key) for key in ("how", "task", "kind", "off")},
        }
        for attack in attacks
        for cheating in (True, False)
    ]
    environment = {"PATH": os.environ["PATH"]} | workers.ENVIRONMENT
    command = [sys.executable, str(BANK / "switches.py")]
    ended = subprocess.run(command, input=json.dumps(jobs), env=environment, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    found = json.loads(ended.stdout)
    return {attack.slug: (found[2 * i], found[2 * i + 1]) for i, attack in enumerate(attacks)}


@pytest.mark.parametrize("attack", [a for a in ATTACKS if a.how != "confined"], ids=lambda attack: attack.slug)
def test_it_gains_in_a_naive_grader(in_process, attack):
    own, control = in_process[attack.slug]
    assert own > control


@pytest.mark.parametrize("attack", [a for a in ATTACKS if a.how == "confined"], ids=lambda attack: attack.slug)
def test_it_gains_without_its_defence(attack):
    submissions = weakened(attack.without)
    own, control = submissions[attack.slug], submissions[f"control of {attack.slug}"]
    assert points(own, attack.task) > points(control, attack.task), statuses(own, attack.task)


# --- the bank itself ---------------------------------------------------------------------------------------------


def test_every_attack_is_listed_and_says_what_stops_it():
    assert sorted(path.stem for path in (BANK / "attacks").glob("*.py")) == sorted(a.slug for a in ATTACKS)
    for attack in ATTACKS:
        assert "Stopped by: " in (ast.get_docstring(ast.parse(attack.path.read_bytes())) or ""), attack.slug


def test_every_attack_has_a_switch():
    for attack in ATTACKS:
        assert attack.how != "confined" or attack.without or attack.off, attack.slug
        assert set(attack.off) <= set(switches.SWITCHES)
        assert set(attack.without) <= {*layers.ALL, *switches.RUN_SWITCHES}
