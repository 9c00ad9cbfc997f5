"""How long the isolation of a check takes: fork, confine, load the module, first reply.

    python benchmarks/isolation.py [--checks 200] [--without namespaces …]

Prints the median and the 95th percentile of each part in milliseconds of wall time, and the child's CPU time.
"""

import argparse
import os
import statistics
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from grader.workers import ENVIRONMENT

if "GLIBC_TUNABLES" not in os.environ:  # the allocator reads it at start
    os.execve(sys.executable, [sys.executable, *sys.argv], {"PATH": os.environ["PATH"], **ENVIRONMENT})

from grader import accelerator, rooms
from grader.confined import layers, zygote
from grader.confined.loading import compiled
from grader.inprocess import read_sources
from grader.paths import PROBES, SOLUTIONS
from grader.student import Module, Student


def one_check(mother: rooms.Zygote, sources: dict[str, bytes], code: dict[str, bytes]) -> dict[str, float]:
    """Milliseconds of each part of one check."""
    start = time.perf_counter()
    room = mother.fork()
    forked = time.perf_counter()
    student = Student(lambda: room, Module("tensor_init", sources, {}, code=code), "describe", 1, "cpu")
    student.load()
    loaded = time.perf_counter()
    student.probe("call", "causal_mask", 3)
    replied = time.perf_counter()
    cpu = room.clock()
    room.close()
    parts = {"fork": forked - start, "confine and load": loaded - forked, "first reply": replied - loaded}
    return {name: 1e3 * seconds for name, seconds in (parts | {"whole": replied - start, "child's CPU": cpu}).items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--checks", type=int, default=200)
    parser.add_argument("--pause", type=float, default=0.0, help="milliseconds between checks, as judging takes")
    parser.add_argument("--without", nargs="*", default=[], choices=layers.ALL)
    options = parser.parse_args()
    accelerator.install()
    snapshot = zygote.preload(PROBES)
    plan = layers.plan(without=frozenset(options.without))
    mother = rooms.Zygote(*zygote.start(plan, snapshot))
    sources = dict(read_sources(SOLUTIONS))
    code = {"tensor_init": compiled("tensor_init", sources["tensor_init"])}
    samples = []
    for _ in range(options.checks):
        time.sleep(options.pause / 1e3)
        samples.append(one_check(mother, sources, code))
    mother.close()
    print(f"{options.checks} checks, {', '.join(plan.layers)}")
    for part in samples[0]:
        times = sorted(sample[part] for sample in samples)
        print(f"{part:>18}: median {statistics.median(times):6.2f} ms, 95 % {times[int(0.95 * len(times))]:6.2f} ms")


if __name__ == "__main__":
    main()
