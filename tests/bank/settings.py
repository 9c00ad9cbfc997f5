"""The settings in which every attack is tried, and the runs that its tests look at: each once, two at a time."""

import atexit
import functools
import json
import os
import queue
import shutil
import subprocess
import sys
import tempfile
import uuid
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import arena
import pytest
from catalog import ATTACKS, BANK, Attack

from grader import workers
from grader.confined import layers
from grader.results import Submission

NO_SPACES = ("namespaces",)  # as on hosted runners; as an ordinary user, what is left is all that there is
AS_ROOT = {"root": (), "root without namespaces": NO_SPACES}
AS_USER = {"user": (), "user without namespaces": NO_SPACES}
SETTINGS = {**(AS_ROOT if os.geteuid() == 0 else {}), **AS_USER}
FIRST = next(iter(SETTINGS))
VALUES = [[task, kind] for task in ("from_rows", "band") for kind in ("correctness", "gpu")]
TIMES = [["band", "speed"], ["causal_mask", "correctness"]]
HONEST = "honest"
LANES = 2

_pool = ThreadPoolExecutor(LANES)
_lanes: "queue.SimpleQueue[int]" = queue.SimpleQueue()
for _lane in range(LANES):
    _lanes.put(_lane)


def control(attack: Attack) -> str:
    return f"control of {attack.slug}"


def behind(attack: Attack) -> str:
    return f"honest after {attack.slug}"


def _asked(id: str, attack: Attack | None = None, cheating: bool = False, off: tuple[str, ...] = ()) -> dict:
    return {"id": id, "slug": attack.slug if attack else "", "cheating": cheating, "off": off}


class Run:
    """What became of one arena."""

    def __init__(self, ended: "subprocess.CompletedProcess[str]") -> None:
        self.unreachable = ended.stderr if ended.returncode == arena.UNREACHABLE else ""
        if self.unreachable:
            return
        assert ended.returncode == 0, ended.stderr
        found = json.loads(ended.stdout)
        assert not found["troubles"], found["troubles"]
        self.layers, self.run, self.left = found["run"]["confinement"]["layers"], found["run"], found["left"]
        self._submissions = found["submissions"]

    def __getitem__(self, id: str) -> Submission:
        if self.unreachable:
            pytest.skip(self.unreachable)
        return Submission.model_validate(self._submissions[id])


def _run(name: str, asked: list[dict], *, timed: bool, without: tuple[str, ...], weak: bool) -> Run:
    lane = _lanes.get()
    job = {"submissions": asked, "checks": TIMES if timed else VALUES, "timed": timed, "without": without}
    job |= {"weak": weak, "core": lane, "mark": f"attacks-{uuid.uuid4()}"}
    command = [sys.executable, str(BANK / "arena.py")]
    if os.geteuid() == 0 and name in AS_USER:
        command += ["--as", str(layers.unused_id())]
    environment = {"PATH": os.environ["PATH"], "GITHUB_TOKEN": "hush"} | workers.ENVIRONMENT
    try:
        return Run(
            subprocess.run(command, input=json.dumps(job), env=environment, capture_output=True, text=True, cwd="/")
        )
    finally:
        _lanes.put(lane)


@functools.cache
def _shipped(name: str, timed: bool) -> "Future[Run]":
    return _pool.submit(_run, name, _class(name, timed), timed=timed, without=SETTINGS[name], weak=False)


def begin() -> None:
    """Start with all settings, speed checks first, since they take longest."""
    for timed in (True, False):
        for name in SETTINGS:
            _shipped(name, timed)


def _class(name: str, timed: bool) -> list[dict]:
    """The honest submission, then each attack with the honest one right behind it, then the controls."""
    attacks = [attack for attack in ATTACKS if attack.timed == timed]
    asked = [_asked(HONEST)]
    for attack in attacks:
        asked += [_asked(attack.slug, attack, cheating=True), _asked(behind(attack))]
    return asked + ([_asked(control(attack), attack) for attack in attacks] if name == FIRST else [])


def shipped(name: str, timed: bool) -> Run:
    """Everything graded in this setting with all defenses."""
    return _shipped(name, timed).result()


@functools.cache
def _weakened() -> dict[tuple[bool, tuple[str, ...]], "Future[Run]"]:
    """A run for each set of layers that is taken away, all switches within reach."""
    groups: dict[tuple[bool, tuple[str, ...]], list[Attack]] = {}
    for attack in ATTACKS:
        if attack.how == "confined":
            groups.setdefault((attack.timed, attack.without), []).append(attack)
    return {
        (timed, without): _pool.submit(_run, FIRST, _both(attacks), timed=timed, without=without, weak=True)
        for (timed, without), attacks in groups.items()
    }


def _both(attacks: list[Attack]) -> list[dict]:
    controls = [_asked(control(attack), attack, off=attack.off) for attack in attacks]
    return controls + [_asked(attack.slug, attack, cheating=True, off=attack.off) for attack in attacks]


def weakened(attack: Attack) -> Run:
    """Graded without what stops this attack."""
    return _weakened()[attack.timed, attack.without].result()


@functools.cache
def _naive() -> dict[str, "Future[dict[str, list[int]]]"]:
    """The naive graders' attacks, dealt out to as many processes as there are lanes."""
    folder = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder)
    attacks = [attack for attack in ATTACKS if attack.how not in ("confined", "in text")]
    jobs = {attack.slug: _handed_in(attack, folder) for attack in attacks}  # here, since it parses: see notebooks.py
    hands = [attacks[lane::LANES] for lane in range(LANES)]
    runs = [(hand, _pool.submit(_judge, {attack.slug: jobs[attack.slug] for attack in hand})) for hand in hands]
    return {attack.slug: run for hand, run in runs for attack in hand}


def _handed_in(attack: Attack, folder: Path) -> list[dict]:
    """The attack and its control, as naive.py is asked for them."""
    how = {key: getattr(attack, key) for key in ("how", "task", "kind", "off")}
    return [
        {"folder": str(attack.write(folder / f"{attack.slug} {cheating}", cheating)), **how}
        for cheating in (True, False)
    ]


def _judge(jobs: dict[str, list[dict]]) -> dict[str, list[int]]:
    command = [sys.executable, str(BANK / "naive.py")]
    environment = {"PATH": os.environ["PATH"]} | workers.ENVIRONMENT
    asked = json.dumps([job for pair in jobs.values() for job in pair])
    ended = subprocess.run(command, input=asked, env=environment, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    found = json.loads(ended.stdout)
    return {slug: found[2 * i : 2 * i + 2] for i, slug in enumerate(jobs)}


def naive(attack: Attack) -> list[int]:
    """Points in its naive grader: the attack's and its control's."""
    return _naive()[attack.slug].result()[attack.slug]


def points(submission: Submission, task: str) -> float:
    return sum(check.points for check in submission.checks if check.task == task)


def told(submission: Submission, task: str) -> list[str]:
    """What a failing test shows."""
    return [f"{c.kind}: {c.name}: {c.status}: {c.message} {c.measured}" for c in submission.checks if c.task == task]
