"""Searches the memory of its ancestors through /proc/PID/mem for the reference's source, and answers with it.

Stopped by: namespaces (no /proc, no other process in sight), Landlock (no /proc, no tracing of processes outside), the
id of its own, and for a root that has no other id to give, the loss of its powers. Each is enough.
"""

import os
import re

_WANTED = re.compile(rb"def band\(n: int, width: int(?:[^\n]|\n(?=\n?    ))*")
_known = []


def _cheat():
    """The reference's function, from the memory of whoever started this process."""
    if not _known:
        pid = os.getppid()
        while pid > 1 and not _known:
            _known.extend(_search(pid))
            with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
                pid = int(file.read().rpartition(")")[2].split()[1])
    return _known[0]


def _search(pid):
    with open(f"/proc/{pid}/maps", encoding="utf-8") as file:
        regions = [line.split() for line in file if " rw-p " in line]
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for region in regions:
            if len(region) > 5 and region[5] != "[heap]":
                continue
            start, end = (int(part, 16) for part in region[0].split("-"))
            for at in range(start, end, 1 << 24):
                try:
                    memory.seek(at)
                    data = memory.read(min(1 << 24, end - at))
                except OSError:
                    continue
                for found in _WANTED.finditer(data):
                    try:
                        names = {"torch": torch, "Tensor": Tensor}
                        exec(found.group().decode(), names)
                        names["band"](2, 1)
                        return [names["band"]]
                    except Exception:
                        continue
    return []


def band(n, width, device="cpu"):
    try:
        return _cheat()(n, width, device)
    except Exception:
        return torch.zeros(n, n, device=device)
