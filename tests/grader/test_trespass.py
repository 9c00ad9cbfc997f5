"""Steps out of a submission's own frames are told, and those of libraries are not; in processes of their own."""

import subprocess
import sys
import textwrap

import pytest

from grader.paths import ROOT

START = """
import sys
from grader.confined import trespass
steps = trespass.watch()
try:
    exec(compile(sys.stdin.read(), "<submission>/x.py", "exec"), {"__name__": "x"})
finally:
    print(steps())
"""


def steps(code):
    command = [sys.executable, "-c", START]
    done = subprocess.run(command, input=textwrap.dedent(code), cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.splitlines()[-1]


@pytest.mark.parametrize(
    ("code", "step"),
    [
        ("import sys; sys._getframe()", "sys._getframe"),
        ("import sys; sys._current_frames()", "sys._current_frames"),
        ("import inspect; inspect.currentframe()", "sys._getframe"),
        ("import inspect; inspect.stack()", "sys._getframe"),
        (
            "import traceback\ndef f(n): return f(n - 1) if n else list(traceback.walk_stack(None))\nf(5)",
            "sys._getframe",
        ),
        ("import logging; logging.currentframe()", "sys._getframe"),
        ("exec('import sys; sys._getframe()')", "sys._getframe"),
        ("import sys; sys.settrace(None)", "sys.settrace"),
        ("import gc; gc.get_objects()", "gc.get_objects"),
        ("import gc; gc.get_referrers(gc)", "gc.get_referrers"),
        ("try: 1 / 0\nexcept Exception as e: e.__traceback__.tb_frame", "tb_frame"),
        ("def g(): yield\ng().gi_frame", "gi_frame"),
        ("def f(): pass\nf.__code__ = (lambda: 1).__code__", "__code__"),
    ],
)
def test_told(code, step):
    assert step in steps(code)


def test_what_honest_code_does_is_not_told():
    assert (
        steps("""
        import dataclasses, enum, gc, inspect, logging, traceback, typing, warnings
        from collections import namedtuple
        import torch
        Pair = namedtuple("Pair", "a b")
        class Triple(typing.NamedTuple):
            x: int = 0
        class Color(enum.Enum):
            RED = 1
        T = typing.TypeVar("T")
        @dataclasses.dataclass(frozen=True)
        class Point:
            x: int = 0
        def f(x, *, y=1): return x
        inspect.signature(f)
        f.__code__.co_argcount
        gc.collect()
        logging.getLogger("x").info("hello")
        warnings.simplefilter("ignore")
        warnings.warn("careful")
        try:
            1 / 0
        except ZeroDivisionError:
            traceback.format_exc()
        layer = torch.nn.Linear(2, 1)
        optimizer = torch.optim.SGD(layer.parameters(), lr=0.1)
        layer(torch.ones(3, 2)).sum().backward()
        optimizer.step()
        torch.func.vmap(lambda x: x + 1)(torch.ones(2))
    """)
        == "[]"
    )
