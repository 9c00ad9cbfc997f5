"""The trusted process of one worker: it starts the zygote while it knows nothing yet, then serves submissions.

It talks to grade.py in lines of JSON on its standard input and output:

    <- {"device", "without", "core"}         how to confine; no secret
    -> {"ready": {layers, missing, …}}       what the self-test found
    <- {"secrets", "job": {"topics", "kinds", "limits"}}
    -> {"checks": [...]}                      every check that will run
    <- {"id", "seed", "sources", "problems"}  one submission, again and again
    -> {"check": {...}} …, {"done": id}
"""

import json
import os
import signal
import sys
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from grader.confined import kernel


@dataclass(frozen=True)
class Line:
    """The line to grade.py, on descriptors that no library prints to."""

    reader: Any
    writer: Any

    def receive(self) -> Iterator[dict[str, Any]]:
        for line in self.reader:
            yield json.loads(line)

    def send(self, **message: Any) -> None:
        try:
            self.writer.write(json.dumps(message) + "\n")
            self.writer.flush()
        except BrokenPipeError:
            os._exit(1)  # grade.py is gone, and nobody is left to tell


def main() -> int:
    """The whole life of a worker; it ends with grade.py, however that ends."""
    kernel.prctl(kernel.PDEATHSIG, signal.SIGKILL)
    line = Line(os.fdopen(os.dup(0), "r", encoding="utf-8"), os.fdopen(os.dup(1), "w", encoding="utf-8"))
    os.dup2(os.open(os.devnull, os.O_RDWR), 1)
    try:
        return _work(line)
    except Exception as error:
        line.send(failed=f"{type(error).__name__}: {error}", trace=traceback.format_exc())
        return 1


def _work(line: Line) -> int:
    messages = line.receive()
    setup = next(messages)
    device, zygote, report = _start(setup)
    from grader import serving  # only now: what the zygote must not know

    begin = next(messages, None)
    if begin is None:
        return 0
    report |= zygote.self_test(begin["secrets"])
    line.send(ready=report)
    job = serving.Job(zygote=zygote, device=device, core=setup["core"], line=line, messages=messages, **begin["job"])
    return serving.serve(job)


def _start(setup: dict[str, Any]) -> tuple[str, Any, dict[str, Any]]:
    """Import torch, fork the zygote; returns the device, the zygote and what protects."""
    from grader import accelerator
    from grader.confined import layers, zygote
    from grader.devices import choose
    from grader.paths import PROBES

    device = choose(setup["device"])
    if device == accelerator.NAME:
        accelerator.install()
    sys.path.insert(0, str(PROBES.parent))
    snapshot = zygote.preload(PROBES)
    without = frozenset(setup["without"])
    plan = layers.plan(cuda=device == "cuda", without=without)
    started = zygote.start(plan, snapshot)
    from grader import rooms  # only now: the zygote has no part of the scoring side

    try:
        mother = rooms.Zygote(*started)
    except rooms.ZygoteError:  # namespaces are to be had here, but can't be furnished
        plan = layers.plan(cuda=device == "cuda", without=without | {"namespaces"})
        mother = rooms.Zygote(*zygote.start(plan, snapshot))
    report = {"layers": plan.described(), "missing": plan.missing(), "device": device, "versions": versions()}
    return device, mother, report


def versions() -> dict[str, str]:
    """Of all that a verdict can depend on."""
    import platform

    import numpy
    import torch

    from grader import __version__

    return {
        "gradkit": __version__,
        "python": platform.python_version(),
        "torch": torch.__version__,
        "numpy": numpy.__version__,
        "kernel": platform.release(),
    }


if __name__ == "__main__":
    sys.exit(main())
