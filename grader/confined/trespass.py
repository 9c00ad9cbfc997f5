"""Notices student code that leaves its own frames: by the stack, a traceback, the collector, or another's code.

Python tells its audit hooks of each such step, and a hook can't be taken away again. So this is put up in a confined
child, never in a process that goes on. Libraries take such steps for good reasons (a named tuple asks which module it
is made in); what counts is who asked, and what only passes a frame on is looked through.
"""

import os
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path
from typing import Any

STEPS = frozenset(
    {
        *("sys._getframe", "sys._current_frames", "sys._current_exceptions", "sys.settrace", "sys.setprofile"),
        *("gc.get_objects", "gc.get_referrers", "gc.get_referents"),
    }
)
FRAMES = frozenset({"tb_frame", "gi_frame", "cr_frame", "ag_frame"})
RELAYS: dict[str, tuple[str, ...] | None] = {  # file to functions, None for all; the last is that of logging
    "inspect.py": None,
    "traceback.py": ("walk_stack",),
    "__init__.py": ("currentframe", "<lambda>"),
}
TRUSTED = (
    *{sysconfig.get_path(name) + os.sep for name in ("stdlib", "platstdlib", "purelib", "platlib")},
    os.path.dirname(os.__file__) + os.sep,
    str(Path(__file__).resolve().parent.parent) + os.sep,
    "<frozen ",
)

_getframe, _basename = sys._getframe, os.path.basename


def watch(*trusted: str) -> Callable[[], list[str]]:
    """Look from now on, for good; what comes back tells which steps were taken. `trusted`: more folders."""
    seen: list[str] = []
    busy: list[bool] = []
    known = (*TRUSTED, *(path.rstrip(os.sep) + os.sep for path in trusted))

    def hook(event: str, args: tuple[Any, ...]) -> None:
        step = _step(event, args)
        if step and not busy:
            busy.append(True)  # what is looked at below would be told here, too
            if not _asker(_getframe(1)).startswith(known):
                seen.append(step)
            busy.pop()

    sys.addaudithook(hook)
    return lambda: seen[:10]


def _step(event: str, args: tuple[Any, ...]) -> str | None:
    if event in STEPS:
        return event
    if event == "object.__getattr__" and args[1] in FRAMES:
        return str(args[1])
    return "__code__" if event == "object.__setattr__" and args[1] == "__code__" else None


def _asker(frame: Any) -> str:
    """The file of the code that asked, behind functions that only hand a frame on."""
    while frame.f_back and _hands_on(frame):
        frame = frame.f_back
    return str(frame.f_code.co_filename)


def _hands_on(frame: Any) -> bool:
    name = _basename(frame.f_code.co_filename)
    functions = RELAYS.get(name, ())
    return functions is None or frame.f_code.co_name in functions
