"""The worker's side of confined children: asking for one, talking to it, reading its clock, ending it."""

import json
import os
import select
import signal
import socket
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from grader.confined import values, wire, zygote
from grader.student import Limits
from grader.verdicts import Broke, Failed, Killed, TimedOut, Unproven

ASLEEP = 3.0  # seconds without a tick of CPU time after which a child counts as hung
POLL = 0.25
PATIENCE = 60.0  # seconds after which a silent zygote counts as gone
SETTLE = 2.0  # seconds that a child may take to come to rest after its answer
THREADS = 128  # as many as layers.Limits allows; counted here, since the kernel's limit doesn't bind root


class ZygoteError(Exception):
    """The zygote is gone or could not be confined: nothing can be graded."""


class Zygote:
    """The process that forks children for this worker."""

    def __init__(self, control: socket.socket, keeper: int) -> None:
        self.control = control
        self.keeper = keeper
        control.settimeout(PATIENCE)
        answer = self._receive()
        if "failed" in answer:
            raise ZygoteError(str(answer["failed"]))

    def fork(self, core: int | None = None) -> "Room":
        """A new confined child, on this core alone where one is given."""
        try:
            self.control.send(zygote.FORK)
            packet, fds, _, _ = socket.recv_fds(self.control, zygote.PACKET, 2)
        except (TimeoutError, ConnectionError):
            raise ZygoteError("the zygote does not answer") from None
        if len(fds) != 2:
            raise ZygoteError("the zygote is gone")
        room = Room(self, socket.socket(fileno=fds[0]), fds[1], json.loads(packet)["pid"])
        if core is not None:
            os.sched_setaffinity(room.pid, {core})
        return room

    def self_test(self, secrets: list[str]) -> dict[str, list[str]]:
        """Try to break out of a child of this zygote; what got through, and what honest code would miss."""
        room = self.fork()
        value = {"secrets": secrets, "pid_outside": os.getpid()}
        tree, body = values.encode(value, layout=True)
        request = wire.pack({"nonce": "self-test", "op": "break out", "value": tree}, body)
        try:
            header, content = room.ask(request, Limits())
        finally:
            room.close()
        if "value" not in header:
            raise ZygoteError(f"the self-test of the confinement did not run: {header.get('raised')}")
        found: dict[str, list[str]] = values.decode(header["value"], content, layout=False)
        return found

    def status_of(self, pid: int) -> int | None:
        """How a child that has ended, ended."""
        try:
            self.control.send(zygote.status_request(pid))
            status: int | None = self._receive()["status"]
        except (TimeoutError, ConnectionError):
            raise ZygoteError("the zygote does not answer") from None
        return status

    def close(self) -> None:
        """Let it end, so that its CPU time is accounted for; then make it."""
        self.control.close()
        pidfd = os.pidfd_open(self.keeper)
        if not select.select([pidfd], [], [], 2.0)[0]:
            os.kill(self.keeper, signal.SIGKILL)
        os.close(pidfd)
        os.waitpid(self.keeper, 0)

    def _receive(self) -> dict[str, Any]:
        packet = self.control.recv(zygote.PACKET)
        if not packet:
            raise ZygoteError("the zygote is gone")
        answer: dict[str, Any] = json.loads(packet)
        return answer


class Room:
    """One confined child, seen from outside: a channel, a clock and a way to end it."""

    def __init__(self, parent: Zygote, connection: socket.socket, pidfd: int, pid: int) -> None:
        self.parent = parent
        self.connection = connection
        self.pidfd = pidfd
        self.inner_pid = pid  # in the child's own namespace
        self.pid = _pid_of(pidfd)
        self.ended = False
        connection.setblocking(False)

    def ask(self, frame: bytes, limits: Limits) -> tuple[dict[str, Any], bytearray]:
        """Send a request and read its reply, within limits of time and size."""
        watch = _Watch(self, limits)
        try:
            if self._spoke():
                raise Failed("an answer came that was not asked for", "tampering: a forged reply")
            self._send(frame, watch)
            reply = wire.read(lambda count: self._receive(count, limits, watch))
            self.count_threads()
            return reply
        except (EOFError, ConnectionError):
            raise self._epitaph() from None
        except wire.WireError as error:
            raise Failed(
                f"the submission wrote to the grader's own connection ({error})", "tampering: a forged reply"
            ) from None

    def cpu_seconds(self) -> float:
        """CPU time used so far by all threads, read once they all sleep: the clock is stale while they run."""
        deadline = time.monotonic() + SETTLE
        while not self._at_rest():
            if time.monotonic() > deadline:
                raise Failed("the submission goes on working after its answer", "work is left to a thread")
            time.sleep(0.0001)
        return self.clock()

    def clock(self) -> float:
        """CPU time used so far, perhaps a few ms old."""
        try:
            return time.clock_gettime((~self.pid << 3) | 2)
        except OSError:
            raise self._epitaph() from None

    def count_threads(self) -> None:
        """Raise Failed when there are too many."""
        if self._threads() > THREADS:
            raise Failed(f"the submission runs more than {THREADS} threads")

    def _threads(self) -> int:
        try:
            return os.stat(f"/proc/{self.pid}/task").st_nlink - 2
        except OSError:
            raise self._epitaph() from None

    def close(self) -> None:
        """Kill it; the zygote collects what is left."""
        if not self.ended:
            self.ended = True
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self.pidfd, signal.SIGKILL)
            self.connection.close()
            os.close(self.pidfd)

    def _at_rest(self) -> bool:
        try:
            states = [_state(path) for path in Path(f"/proc/{self.pid}/task").iterdir()]
        except OSError:
            raise self._epitaph() from None
        return all(state in "SZXtT" for state in states)

    def _send(self, frame: bytes, watch: "_Watch") -> None:
        view = memoryview(frame)
        while view:
            try:
                view = view[self.connection.send(view) :]
            except BlockingIOError:
                watch.wait(select.POLLOUT)

    def _receive(self, count: int, limits: Limits, watch: "_Watch") -> bytearray:
        if count > max(limits.reply, 1 << 16):
            raise Failed(f"the answer is larger than {limits.reply >> 20} MiB")
        data = bytearray(count)
        view = memoryview(data)
        while view:
            try:
                got = self.connection.recv_into(view)
            except BlockingIOError:
                watch.wait(select.POLLIN)
                continue
            if got == 0:
                raise EOFError
            view = view[got:]
        return data

    def _spoke(self) -> bool:
        """Whether it sent something by itself; raises EOFError when it is gone."""
        try:
            if not self.connection.recv(1, socket.MSG_PEEK):
                raise EOFError
        except BlockingIOError:
            return False
        return True

    def _epitaph(self) -> Exception:
        """Why the child is gone."""
        select.select([self.pidfd], [], [], 1.0)
        if not select.select([self.pidfd], [], [], 0)[0]:
            with suppress(ProcessLookupError):  # it hung up without ending
                signal.pidfd_send_signal(self.pidfd, signal.SIGKILL)
            return Broke("the submission closed its connection to the grader")
        status = self.parent.status_of(self.inner_pid)
        return _verdict_of(status)


def _verdict_of(status: int | None) -> Exception:
    if status is None:
        return Broke("the submission's process ended without an answer")
    if os.WIFEXITED(status):
        return Broke(f"the submission ended its process (exit code {os.WEXITSTATUS(status)}) instead of answering")
    number = os.WTERMSIG(status)
    if number == signal.SIGXCPU:
        return TimedOut("the limit on CPU time was reached", cpu=True)
    if number == signal.SIGKILL:
        return Killed(
            "the process was killed, each time that it was tried: it used too much CPU time or memory, or ended itself"
        )
    return Broke(f"the submission's process crashed ({_name_of(number)})")


def _name_of(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:  # a real-time signal
        return f"signal {number}"


class _Watch:
    """Waits for a child, and raises TimedOut once it is over a limit or asleep for good."""

    def __init__(self, room: Room, limits: Limits) -> None:
        self.room = room
        self.limits = limits
        self.poll = select.poll()
        self.start = self.moved = self.looked = time.monotonic()
        self.first_cpu: float | None = None
        self.last_cpu = -1.0

    def wait(self, event: int) -> None:
        """Until the connection is ready; the first look costs nothing but a poll.

        An answer that comes byte by byte is looked at as often as one that does not come.
        """
        self.poll.register(self.room.connection, event)
        ready = False
        while not ready:
            ready = bool(self.poll.poll(POLL * 1000))
            if not ready or time.monotonic() - self.looked > POLL:
                self._check()

    def _check(self) -> None:
        self.room.count_threads()
        now, cpu = time.monotonic(), self.room.clock()
        self.looked = now
        if self.first_cpu is None:
            self.first_cpu = cpu
        if cpu > self.last_cpu + 1e-4:
            self.last_cpu, self.moved = cpu, now
        if cpu - self.first_cpu > self.limits.cpu:
            raise TimedOut(f"no answer after {self.limits.cpu:g} s of CPU time", cpu=True)
        if now - self.start > self.limits.wall:
            raise TimedOut(f"no answer after {self.limits.wall:g} s")
        if now - self.moved > ASLEEP and self.room._at_rest():
            raise TimedOut(f"the submission sleeps: no CPU time used for {ASLEEP:g} s")


def _pid_of(pidfd: int) -> int:
    """The process behind a pidfd, as this process's namespace counts."""
    for line in Path(f"/proc/self/fdinfo/{pidfd}").read_text().splitlines():
        if line.startswith("Pid:"):
            return int(line.split()[1])
    raise Unproven("the kernel does not say which process a child is")


def _state(task: Path) -> str:
    try:
        stat = (task / "stat").read_bytes()  # with the thread's name, which may be any bytes
    except OSError:
        return "X"
    return stat.rpartition(b")")[2].split()[0].decode()
