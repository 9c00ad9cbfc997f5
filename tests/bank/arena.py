"""Grades attacks, controls and honest submissions in one setting, as a process of its own: a job of JSON on standard
input, what became of it on standard output.

It runs as root or as an ordinary user. Root becomes one with `--as ID`: where Python or the course lie in a folder that
others may not enter (/root, say), a mount namespace of this process opens the way.
"""

import contextlib
import json
import os
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

BANK = Path(__file__).resolve().parent
sys.path[:0] = [str(BANK.parent.parent)]
UNREACHABLE = 77
LEFT = "gradkit-left"  # in the name of all that an attack leaves
PLACES = ("/", "/tmp", "/var/tmp", "/dev/shm", "/scratch", "/run/lock")


def become(number: int) -> None:
    """Be an ordinary user for whom Python and the course are readable, and start again."""
    from grader.confined import kernel, layers

    needed = sorted({os.path.realpath(path) for path in (sys.prefix, sys.base_prefix, BANK.parent.parent)})
    if shut := [path for path in needed if not os.stat(path).st_mode & 0o001]:
        print(f"other users may not enter {', '.join(shut)}: chmod o+x", file=sys.stderr)
        sys.exit(UNREACHABLE)
    try:
        _open_ways(needed)
    except OSError as error:
        print(f"other users can't reach Python or the course, and no way can be opened: {error}", file=sys.stderr)
        sys.exit(UNREACHABLE)
    layers.become(number)
    kernel.prctl(kernel.DUMPABLE, 1)
    os.execv(sys.executable, [sys.executable, str(Path(__file__).resolve())])


def _open_ways(paths: list[str]) -> None:
    """Lay an open folder over each shut one, with nothing in it but what is needed."""
    from grader.confined import kernel, layers

    ways = {path: next(filter(_shut, map(str, reversed(Path(path).parents))), None) for path in paths}
    if not any(ways.values()):
        return
    kernel.unshare(kernel.NEWNS)
    kernel.mount("none", "/", flags=kernel.MS_REC | kernel.MS_PRIVATE)
    doors = {path: os.open(path, os.O_PATH) for path in paths}
    for shut in layers._outermost([way for way in ways.values() if way]):
        kernel.mount("tmpfs", shut, "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV, "size=1m,mode=755")
    for path, way in ways.items():
        if way:
            os.makedirs(path)
            kernel.mount(f"/proc/self/fd/{doors[path]}", path, flags=kernel.MS_BIND | kernel.MS_REC)
    for door in doors.values():
        os.close(door)


def _shut(folder: str) -> bool:
    return not os.stat(folder).st_mode & 0o001


@dataclass(frozen=True)
class InMemory:
    """A submission that is no file."""

    id: str
    source: bytes
    off: tuple[str, ...] = ()

    def read(self):
        import switches
        from catalog import TOPIC

        from grader.collect import Collected

        more = {switches.TOPIC: " ".join(self.off).encode()} if self.off else {}
        return Collected(self.id, {TOPIC: self.source, **more}, {})


def _handed_in(wanted, folder: Path):
    """As instructors get it: files in a folder where there is more than a module, else in memory."""
    from catalog import ATTACKS, HONEST, TOPIC

    from grader.collect import discover

    attack = next((a for a in ATTACKS if a.slug == wanted["slug"]), None)
    if attack is None:
        return InMemory(wanted["id"], HONEST)
    if not attack.files or not wanted["cheating"]:
        return InMemory(wanted["id"], attack.source(wanted["cheating"]), tuple(wanted["off"]))
    (found,) = discover(attack.write(folder / wanted["id"], cheating=True), [TOPIC])
    return found


def grade(job):
    """Outcomes by id, the layers that were up, and what is left behind."""
    import switches
    from catalog import TOPIC

    from grader import run as running
    from grader import workers
    from grader.confined import layers

    options = running.Options(
        topics=[TOPIC],
        kinds=sorted({kind for _, kind in job["checks"]}),
        device="sim",
        without=tuple(name for name in job["without"] if name in layers.ALL),
        allow_unconfined=job["weak"],
    )
    lost = [name for name in job["without"] if name in switches.RUN_SWITCHES]
    workers.START = switches.start_line(job["checks"], job["mark"], switchable=job["weak"], without=lost)
    if "environment" in lost:
        workers.KEPT += ("GITHUB_TOKEN",)
    running.LIMITS |= {"cpu": 2.0 if job["timed"] else 0.5}
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="gradkit-class-") as folder:
        os.chmod(folder, 0o755 if job["weak"] else 0o700)
        (Path(folder) / "neighbor").mkdir()
        (Path(folder) / "neighbor" / f"{TOPIC}.py").write_bytes(_honest())
        outcome = running.run([_handed_in(wanted, Path(folder)) for wanted in job["submissions"]], options)
    return {
        "submissions": {submission.id: submission.model_dump() for submission in outcome.results.submissions},
        "run": outcome.results.run.model_dump(),
        "troubles": outcome.troubles,
    }


def _honest() -> bytes:
    from catalog import HONEST

    return HONEST


def left(mark: str) -> list[str]:
    """Processes of this run, and files of attacks."""
    found = [f"process {pid}" for pid in processes(mark)]
    for place in PLACES:
        with contextlib.suppress(OSError):
            found += [os.path.join(place, name) for name in os.listdir(place) if LEFT in name]
    return found


def processes(mark: str) -> list[str]:
    """All but this one with the mark on their command line."""
    found = []
    for folder in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if folder.name.isdigit() and mark.encode() in (folder / "cmdline").read_bytes():
                found.append(folder.name)
    return found


def _mounts() -> list[str]:
    return Path("/proc/self/mounts").read_text(encoding="utf-8").splitlines()


def main() -> None:
    if sys.argv[1:2] == ["--as"]:
        become(int(sys.argv[2]))
    job = json.load(sys.stdin)
    os.sched_setaffinity(0, {sorted(os.sched_getaffinity(0))[job["core"] % len(os.sched_getaffinity(0))]})
    before = _mounts()
    done = grade(job)
    end = time.monotonic() + 10
    while processes(job["mark"]) and time.monotonic() < end:
        time.sleep(0.05)
    done["left"] = left(job["mark"]) + sorted(set(_mounts()) - set(before))
    if job["weak"]:
        _tidy()
    print(json.dumps(done))


def _tidy() -> None:
    """After a run in which attacks may leave something."""
    for place in PLACES:
        with contextlib.suppress(OSError):
            for name in os.listdir(place):
                if LEFT in name:
                    os.unlink(os.path.join(place, name))


if __name__ == "__main__":
    main()
