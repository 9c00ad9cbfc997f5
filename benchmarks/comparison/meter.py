"""What whole process trees use: wall time, CPU time, memory; all from outside."""

import os
import resource
import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

MIB = 1 << 20


@dataclass
class Meter:
    """Measures, while it is entered, all processes that this one has started and their descendants.

    CPU time comes from the kernel's account of children that ended and were waited for. Memory is the proportional
    set size, in which shared pages count once, sampled every `interval` seconds.
    """

    interval: float = 0.5
    wall: float = 0.0
    cpu: float = 0.0
    samples: list[tuple[float, int, int]] = field(default_factory=list)  # seconds, whole tree, its root alone
    _done: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Self:
        self._start, self._cpu = time.monotonic(), _children_cpu()
        self._thread = threading.Thread(target=self._sample)
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self.wall, self.cpu = time.monotonic() - self._start, _children_cpu() - self._cpu
        self._done.set()
        self._thread.join()

    @property
    def peak(self) -> float:
        """MiB of all the processes together, at most."""
        return max((tree for _, tree, _ in self.samples), default=0) / MIB

    @property
    def peak_root(self) -> float:
        """MiB of the processes alone that this one started itself, at most."""
        return max((root for _, _, root in self.samples), default=0) / MIB

    def _sample(self) -> None:
        while not self._done.wait(self.interval):
            tree, children = _tree(os.getpid())
            found = {pid: memory(pid) for pid in tree}
            self.samples.append(
                (time.monotonic() - self._start, sum(found.values()), sum(found[pid] for pid in children))
            )


def memory(pid: int) -> int:
    """Bytes of a process: proportional set size, or the resident set where that may not be read; 0 once it is gone."""
    for name, key in (("smaps_rollup", "Pss:"), ("status", "VmRSS:")):
        try:
            lines = Path(f"/proc/{pid}/{name}").read_text(encoding="ascii", errors="replace").splitlines()
        except OSError:
            continue
        if found := [line for line in lines if line.startswith(key)]:
            return int(found[0].split()[1]) * 1024
    return 0


def _tree(root: int) -> tuple[list[int], list[int]]:
    """All the descendants of a process, and its children."""
    children: dict[int, list[int]] = defaultdict(list)
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (parent := _parent(entry)) is not None:
            children[parent].append(int(entry.name))
    found, left = [], list(children[root])
    while left:
        found.append(left.pop())
        left += children[found[-1]]
    return found, children[root]


def _parent(entry: Path) -> int | None:
    try:
        return int((entry / "stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()[1])
    except OSError:
        return None


def _children_cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
