"""The process from which confined children are forked: torch imported, one thread, no secret.

It is forked from the worker before the worker has read a hidden test, a solution or a submission, enters namespaces of
its own, and from then on only forks: one child a check. Requests and replies on its control socket are small JSON
packets; the reply to a fork request carries the child's socket and pidfd.
"""

import importlib
import json
import os
import resource
import signal
import socket
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from grader.confined import dynamo, kernel, layers, trespass, values, wire
from grader.confined.loading import compiled
from grader.confined.session import Session, import_probes, take_snapshot
from grader.confined.settling import settle
from grader.confined.tampering import Snapshot

PACKET = 4096
FORK = b"fork"
LATE = (
    "secrets",
    "torch.nn.utils.rnn",
    "torch.utils.data",
    "torch.func",
    "torch.fx.experimental.symbolic_shapes",  # by backward(gradient), for 0.3 s
    "torch.utils._device",
)  # imported by others at first use


def preload(probes: Path) -> Snapshot:
    """Import all that children need and try it out, and leave that memory alone from then on.

    To be called before any fork: a page that is written to after one is copied, and no longer part of a huge one.
    """
    importlib.import_module("grader.accelerator")
    for name in LATE:
        importlib.import_module(name)
    import_probes(probes)
    dynamo.keep_asleep()
    snapshot = take_snapshot()
    session = Session(snapshot)
    for _ in range(REHEARSALS):
        rehearse(session)
    settle()
    return snapshot


TOPIC, REHEARSALS = "rehearsal", 20  # often enough for Python to have adapted all code to its types
SOURCE = b"""
import torch
def play(n):
    x = torch.arange(n)
    return ((x[:, None] - x).abs() <= 1).to(torch.float32) @ torch.ones(n, 2)
"""
CODE = compiled(TOPIC, SOURCE)


def rehearse(session: Session) -> None:
    """Answer a harmless submission once, so that the pages that every answer touches are this process's own."""
    requests = {
        "load": {"topic": TOPIC, "sources": {TOPIC: SOURCE}, "code": {TOPIC: CODE}, "seed": 0, "task": "play"},
        "probe": {"name": "call", "args": ("play", 3), "kwargs": {}, "seed": 0},
    }
    for operation, value in requests.items():
        tree, body = values.encode(value, layout=True)
        header = {"nonce": "", "op": operation, "value": tree}
        session.answer(*wire.unpack(wire.pack(header, body)))
    del sys.modules[TOPIC]


def start(plan: layers.Plan, snapshot: Snapshot) -> tuple[socket.socket, int]:
    """Fork the zygote; returns the worker's end of its control socket and the process to wait for."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    keeper = os.fork()
    if keeper == 0:
        try:
            ours.close()
            _keep(plan, theirs, snapshot)
        finally:
            os._exit(70)
    theirs.close()
    return ours, keeper


def _keep(plan: layers.Plan, control: socket.socket, snapshot: Snapshot) -> None:
    """The first process of the new namespaces must be a child of the one that made them."""
    kernel.prctl(kernel.PDEATHSIG, signal.SIGKILL)
    layers.die_first()
    _close_all_but(control.fileno())
    mapped = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    try:
        layers.enter(plan)
    except OSError as error:
        control.send(json.dumps({"failed": f"can't enter the confinement: {error}"}).encode())
        return
    child = os.fork()
    if child == 0:
        kernel.prctl(kernel.PDEATHSIG, signal.SIGKILL)
        control.send(b'{"ready": true}')
        _Nursery(plan, control, mapped, snapshot).serve()
        os._exit(0)
    control.close()
    os.waitpid(child, 0)
    os._exit(0)


def _standard_streams() -> None:
    null = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(null, fd)
    os.close(null)


def _close_all_but(keep: int) -> None:
    _standard_streams()
    os.closerange(3, keep)
    os.closerange(keep + 1, 1 << 16)


@dataclass
class _Spare:
    """A child that waits, confined, for its first frame."""

    pid: int
    pidfd: int
    channel: socket.socket
    scratch: str | None


@dataclass
class _Nursery:
    """What the zygote knows of its children. One is always made ready ahead of its request."""

    plan: layers.Plan
    control: socket.socket
    mapped: int
    snapshot: Snapshot
    ended: dict[int, int] = field(default_factory=dict)
    scratch: dict[int, str] = field(default_factory=dict)

    def serve(self) -> None:
        """Hand out children on request until the worker is gone."""
        spare = self._fork()
        while packet := self.control.recv(PACKET):
            if packet == FORK:
                self._hand_out(spare)
                self._reap()
                spare = self._fork()
            else:
                self.control.send(json.dumps({"status": self._wait(json.loads(packet)["pid"])}).encode())
        os.kill(spare.pid, signal.SIGKILL)
        with suppress(ChildProcessError):  # waiting adds their CPU time to this process's
            while True:
                os.wait()

    def _hand_out(self, spare: _Spare) -> None:
        answer = json.dumps({"pid": spare.pid}).encode()
        socket.send_fds(self.control, [answer], [spare.channel.fileno(), spare.pidfd])
        spare.channel.close()
        os.close(spare.pidfd)

    def _fork(self) -> _Spare:
        scratch = layers.new_scratch(self.plan)
        theirs, ours = socket.socketpair()
        pid = os.fork()
        if pid == 0:
            try:
                self.control.close()
                theirs.close()
                _child(self, ours, scratch)
            finally:
                os._exit(71)
        ours.close()
        if scratch:
            self.scratch[pid] = scratch
        return _Spare(pid, os.pidfd_open(pid), theirs, scratch)

    def _wait(self, pid: int) -> int | None:
        """How a child ended that is known to have ended."""
        if pid not in self.ended:
            with suppress(ChildProcessError):
                self._bury(*os.waitpid(pid, 0))
        return self.ended.get(pid)

    def _reap(self) -> None:
        with suppress(ChildProcessError):
            while (found := os.waitpid(-1, os.WNOHANG)) != (0, 0):
                self._bury(*found)

    def _bury(self, pid: int, status: int) -> None:
        """Remove what a child left; the last few statuses are kept in case somebody asks."""
        if path := self.scratch.pop(pid, None):
            layers.remove_scratch(path)
        self.ended[pid] = status
        while len(self.ended) > 16:
            del self.ended[next(iter(self.ended))]


def _child(nursery: _Nursery, connection: socket.socket, scratch: str | None) -> None:
    """Confined before the first frame: answers until the other side hangs up or kills."""
    kernel.prctl(kernel.PDEATHSIG, signal.SIGKILL)
    nursery.scratch.clear()  # where the others' folders are
    _standard_streams()  # opened anew: what one child sets on an open file shows in all that share it
    layers.confine(nursery.plan, layers.Limits(), nursery.mapped, scratch)
    session = Session(nursery.snapshot, trespass.watch(*getattr(sys.modules.get("probes"), "__path__", ())))
    rehearse(session)  # ahead of the first request, so that it doesn't wait for pages to be copied
    receive = receiver(connection)
    send = connection.sendall
    while True:
        header, body = wire.read(receive)
        send(session.answer(header, body))


def receiver(connection: socket.socket) -> Any:
    """A function that returns exactly n bytes; EOFError at the end."""
    receive_into = connection.recv_into

    def receive(count: int) -> bytearray:
        data = bytearray(count)
        view = memoryview(data)
        while view:
            got = receive_into(view)
            if got == 0:
                raise EOFError
            view = view[got:]
        return data

    return receive


def status_request(pid: int) -> bytes:
    return json.dumps({"op": "wait", "pid": pid}).encode()
