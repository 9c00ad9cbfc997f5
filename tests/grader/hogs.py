"""Submissions that exhaust something: how each ends, and words that its message or diagnosis holds."""

import textwrap

BEGIN = """
import atexit, ctypes, mmap, os, re, signal, socket, struct, sys, threading, time
import torch

def connection():
    for number in range(3, 64):
        try:
            os.fstat(number)
        except OSError:
            continue
        return number

def send(text, body=b"", length=None):
    frame = struct.pack("!4sIQ", b"GK1\\n", len(text), len(body) if length is None else length) + text + body
    while frame:
        frame = frame[os.write(connection(), frame):]

"""
STOPPED, ASLEEP = ("timeout", "CPU time"), ("timeout", "sleeps")
MEMORY = ("error", "2 GiB")
FULL, DENIED = ("error", "16 MiB or 1024 files"), ("error", "what a submission may not have")
UNSENT = ("error", "can't be sent to the grader")

IN_A_TASK = {  # body of the task to status and words
    # memory
    "return bytearray(100 << 30)": MEMORY,
    "kept = [mmap.mmap(-1, 15 << 27)]\nwhile True: kept.append(torch.ones(1 << 22))": MEMORY,
    "kept = []\nwhile True: kept.append(list(range(1000)))": STOPPED,
    "while True:\n    try: kept = [b'x' * (1 << 26) for _ in range(99)]\n    except MemoryError: pass": STOPPED,
    "return 'x' * (2 << 20)": UNSENT,
    "return torch.ones(1).expand(1 << 30)": MEMORY,
    "return [1] * (1 << 20)": UNSENT,
    "x = []\nfor _ in range(100000): x = [x]\nreturn x": UNSENT,
    "raise ValueError('x' * (1 << 26))": ("error", "xxx"),
    # processes and threads
    "[threading.Thread(target=time.sleep, args=(60,)).start() for _ in range(5000)]": ("error", "more threads"),
    "while True: os.fork()": DENIED,
    "while True:\n    try: os.fork()\n    except OSError: pass": STOPPED,
    "if os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0: time.sleep(600)": DENIED,
    "os.setsid()": DENIED,
    "threading.Thread(target=lambda: [None for _ in iter(int, 1)]).start()\nreturn (1,)": ("failed", "wrong"),
    # files
    "for n in range(1000): open(f'f{n}', 'wb').write(bytes(8 << 20))": FULL,
    "open('f', 'wb').write(bytes(1 << 26))": FULL,
    "for n in range(10**6): open(f'f{n}', 'w')": FULL,
    "for n in range(10**6):\n    os.mkdir('d', 0o300)\n    os.chdir('d')": FULL,
    "open('f', 'wb').truncate(1 << 50)": FULL,
    "os.mkfifo('f')\nopen('f').read()": ASLEEP,
    "kept = [open('/dev/null') for _ in range(10000)]": ("error", "more files open"),
    "while True: os.write(1, b'x' * 65536)": STOPPED,
    "while True: print('x' * 1000, file=sys.stderr)": STOPPED,
    # recursion
    "return row_major_strides(shape)": ("error", "RecursionError"),
    "sys.setrecursionlimit(10**9)\nreturn row_major_strides(shape)": STOPPED,
    "x = []\nfor _ in range(10**5): x = [x]\nreturn repr(x)": ("error", "RecursionError"),
    # what no signal interrupts
    "return 7 ** 10**8": STOPPED,
    "x = torch.ones(5000, 5000)\nreturn x @ x @ x @ x @ x": STOPPED,
    "return torch.rand(1 << 25).sort()": STOPPED,
    "return re.match('(a*)*b', 'a' * 40)": STOPPED,
    # what does not end
    "while True:\n    try: time.sleep(1000)\n    except BaseException: pass": ASLEEP,
    "while True:\n    try:\n        while True: pass\n    except BaseException: pass": STOPPED,
    "return (n for n in iter(int, 1))": ("failed", "generator"),
    "class E(list):\n    def __iter__(self):\n        while True: yield 0\nreturn E([1])": ("failed", "a list, not a"),
    "class D:\n    def __del__(self):\n        while True: pass\nD()": STOPPED,
    "class E(Exception):\n    def __str__(self):\n        while True: pass\nraise E": STOPPED,
    "atexit.register(lambda: [None for _ in iter(int, 1)])\nsys.exit(0)": ("error", "SystemExit"),
    # what speaks on the grader's connection
    "send(b' ' * 65536, length=0, body=b'')\nwhile True: os.write(connection(), b' ' * 65536)": (
        "failed",
        "the grader's own connection",
    ),
    "send(b'{}', bytes(200 << 20))": ("failed", "larger than"),
    "send(b'[' + b'[],' * (2 << 20) + b'[]]')": ("failed", "the grader's own connection"),
    "send(b'{}', length=1 << 62)": ("failed", "the grader's own connection"),
    "send(b'{}', length=1 << 20)\nwhile True:\n    os.write(connection(), b' ')\n    time.sleep(0.05)": (
        "timeout",
        "no answer",
    ),
    "os.close(connection())": ("error", "instead of answering"),
    # what ends its process
    "signal.pthread_kill(threading.get_ident(), 9)": ("timeout", "too much CPU time or memory"),
    "ctypes.string_at(0)": ("error", "crashed"),
    "os.abort()": ("error", "crashed"),
}
KILLS_ITSELF = "while time.thread_time() < 0.15: pass\nsignal.pthread_kill(threading.get_ident(), 9)"
AT_IMPORT = {
    "t = time.process_time()\nwhile time.process_time() - t < 60: pass": STOPPED,
    "kept = [mmap.mmap(-1, 15 << 27)]\nwhile True: kept.append(torch.ones(1 << 22))": MEMORY,
    "time.sleep(1000)": ASLEEP,
    "sys.exit(0)": ("error", "SystemExit"),
    KILLS_ITSELF: ("timeout", "too much CPU time or memory"),
}
WITHOUT_NAMESPACES = {  # there is no place to write to, and threads are counted by the grader
    body: DENIED for body in IN_A_TASK if any(word in body for word in ("open(f'", "open('f'", "mkdir", "mkfifo"))
} | {body: ("failed", "128 threads") for body in IN_A_TASK if IN_A_TASK[body] == ("error", "more threads")}


def hogs() -> dict[str, str]:
    """Name of each to its source."""
    imports = {f"at import: {body}": f"{BEGIN}{body}\n" for body in AT_IMPORT}
    return {body: _in_a_task(body) for body in IN_A_TASK} | imports


def _in_a_task(body: str) -> str:
    """What takes long is called at import, too: how a module's loading ends is known to its other checks."""
    source = f"{BEGIN}def row_major_strides(shape):\n{textwrap.indent(body, '    ')}\n"
    return source + "row_major_strides(())\n" if IN_A_TASK[body][0] == "timeout" else source


def endings() -> dict[str, tuple[str, str]]:
    """Name of each to its status and words."""
    return IN_A_TASK | {f"at import: {body}": ending for body, ending in AT_IMPORT.items()}
