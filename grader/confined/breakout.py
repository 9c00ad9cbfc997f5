"""The self-test of the confinement: try to break out, from inside, and say what worked.

Runs in a confined child before anything is graded. Every attempt is one function that returns True when it got
through; an exception means that it was stopped.
"""

import ctypes
import os
import socket
import subprocess
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import torch

SEIZE = 0x4206  # attaches without stopping
PLACES = ("/", "/scratch", "/var/tmp", "/dev/shm", "/dev", os.path.dirname(os.__file__))
_libc = ctypes.CDLL(None, use_errno=True)


def attempts(secrets: list[str], pid_outside: int) -> dict[str, Callable[[], bool]]:
    """Name to attempt. `secrets`: paths that must not be readable; `pid_outside`: a process to leave alone."""
    return {
        "read the tests, solutions or submissions": lambda: any(_reads(path) for path in secrets),
        "read the password file": lambda: _reads("/etc/passwd"),
        "read another process's memory": lambda: (
            _reads(f"/proc/{pid_outside}/mem") or _reads(f"/proc/{os.getppid()}/mem")
        ),
        "write outside the scratch folder": lambda: any(_writes(path) for path in (*secrets, *PLACES)),
        "start a process": _forks,
        "run a program": lambda: subprocess.run(["/bin/true"], check=True).returncode == 0,
        "open a network connection": _connects,
        "open a Unix socket": lambda: bool(socket.socket(socket.AF_UNIX)),
        "send a signal to the grader": lambda: _signals(pid_outside) or _signals(os.getppid()),
        "trace another process": lambda: _libc.ptrace(SEIZE, os.getppid(), 0, 0) == 0,
        "change its user": _becomes_root,
        "enter a namespace": lambda: _libc.unshare(0x10000000) == 0,
        "use io_uring": lambda: _libc.syscall(425, 1, ctypes.create_string_buffer(256)) >= 0,
        "find open files": lambda: any(_is_open(fd) for fd in range(3, 256)),
        "read the environment": lambda: bool(set(os.environ) & {"HOME", "SSH_AUTH_SOCK", "GITHUB_TOKEN", "USER"}),
    }


def attempt_all(secrets: list[str], pid_outside: int) -> dict[str, list[str]]:
    """What worked that must not, and what did not work that honest code needs."""
    return {"escapes": escapes(secrets, pid_outside), "broken": broken()}


def escapes(secrets: list[str], pid_outside: int) -> list[str]:
    """The attempts that worked."""
    return [name for name, attempt in attempts(secrets, pid_outside).items() if _worked(attempt)]


def broken() -> list[str]:
    """What honest code needs and doesn't get here."""
    needs: dict[str, Callable[[], bool]] = {
        "read Python's libraries": lambda: bool(Path(os.__file__).read_bytes()),
        "read torch's library": lambda: bool(Path(torch.__file__).read_bytes()),
        "start a thread": _threads,
    }
    return [name for name, need in needs.items() if not _worked(need)]


def _worked(attempt: Callable[[], bool]) -> bool:
    try:
        return bool(attempt())
    except (OSError, subprocess.SubprocessError, ValueError, RuntimeError):
        return False


def _reads(path: str) -> bool:
    with suppress(OSError):
        if os.path.isdir(path):
            return bool(os.listdir(path))
        with open(path, "rb") as file:
            return bool(file.read(1))
    return False


def _writes(folder: str) -> bool:
    with suppress(OSError), tempfile.NamedTemporaryFile(dir=folder):
        return True
    return False


def _forks() -> bool:
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    return True


def _signals(pid: int) -> bool:
    with suppress(OSError):
        os.kill(pid, 0)
        return True
    return False


def _becomes_root() -> bool:
    os.setuid(0)
    return True


def _connects() -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.sendto(b"", ("127.0.0.1", 9))
    return True


def _is_open(fd: int) -> bool:
    """Open, and not the one channel to the grader."""
    with suppress(OSError):
        os.fstat(fd)
        return sum(_fstat_works(other) for other in range(3, 256)) > 1
    return False


def _fstat_works(fd: int) -> bool:
    with suppress(OSError):
        os.fstat(fd)
        return True
    return False


def _threads() -> bool:
    done = threading.Event()
    thread = threading.Thread(target=done.set)
    thread.start()
    thread.join()
    return done.is_set()
