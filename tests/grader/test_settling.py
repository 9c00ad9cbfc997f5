"""Before the first fork, the heap of the zygote is left without gaps, and the process with one thread."""

import ctypes
import os
import subprocess
import sys

import pytest

from grader.paths import PROBES, ROOT
from grader.workers import ENVIRONMENT

GAPS = """
from grader.confined import settling

def gaps():
    settling._libc.mallinfo2.restype = settling._Info
    info = settling._libc.mallinfo2()
    return info.others[8] - info.keepcost  # free bytes, but those at the end

kept = [bytes(100 + number % 900) for number in range(20_000)]
del kept[::2]
before = gaps()
settling.settle()
print(before, gaps())
"""
THREADS = f"""
import os, sys
from pathlib import Path
from grader import accelerator
accelerator.install()
sys.path.insert(0, {str(PROBES.parent)!r})
from grader.confined import zygote
snapshot = zygote.preload(Path({str(PROBES)!r}))
print(len(os.listdir("/proc/self/task")), snapshot.changes(), "rehearsal" in sys.modules)
"""


def printed(code, **more):
    environment = {"PATH": os.environ["PATH"]} | ENVIRONMENT | more
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "mallinfo2"), reason="glibc before 2.33, or none")
def test_what_is_allocated_later_does_not_lie_between_old_objects():
    before, after = map(int, printed(GAPS, PYTHONMALLOC="malloc").split())
    assert before > 1 << 20
    assert after < before / 20


def test_the_rehearsals_leave_no_thread_no_change_and_no_module():
    assert printed(THREADS).split(maxsplit=1) == ["1", "[] False\n"]
