"""What runs on this machine, as /proc tells."""

import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path


def descendants(pid):
    """All processes below one, in this process's own /proc."""
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            parents[int(entry.name)] = parent(entry.name)
    found = [pid]
    for one in found:
        found += [child for child, parent in parents.items() if parent == one]
    return found[1:]


def alive(pids):
    return [pid for pid in pids if Path(f"/proc/{pid}").exists() and "Z" not in state(pid)]


def state(pid):
    try:
        return told(pid, "stat").rpartition(")")[2].split()[0]
    except OSError:
        return "Z"


def parent(pid):
    try:
        return int(told(pid, "stat").rpartition(")")[2].split()[1])
    except OSError:
        return None


def told(pid, file):
    """What /proc says of a process, whose name may be any bytes."""
    return Path(f"/proc/{pid}/{file}").read_text(errors="replace")


def goes_away(pids):
    deadline = time.monotonic() + 30
    while alive(pids) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not alive(pids)


def marked(mark: str) -> Iterator[Path]:
    """Every process with this on its command line."""
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if mark.encode() in (folder / "cmdline").read_bytes():
                yield folder
