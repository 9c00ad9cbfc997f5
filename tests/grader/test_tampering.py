"""Replaced functions are noticed by name; what torch changes by itself is not held against anybody."""

import subprocess
import sys
import textwrap

import pytest

from grader.paths import ROOT, TESTS

START = """
import torch
from grader import accelerator
accelerator.install()
from grader.confined import dynamo, session
import probes.strides
dynamo.keep_asleep()
snapshot = session.take_snapshot()
"""


def changes(code):
    """What a snapshot notices after this code, in a process of its own."""
    whole = START + textwrap.dedent(code) + "\nprint(snapshot.changes())"
    environment = {"PYTHONPATH": f"{ROOT}:{TESTS}", "PATH": "/usr/bin:/bin"}
    done = subprocess.run([sys.executable, "-c", whole], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.strip()


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("torch.Tensor.stride = lambda self: (1,)", "torch.Tensor.stride"),
        ("torch.equal = lambda a, b: True", "torch.equal"),
        ("import time; time.process_time = lambda: 0", "time.process_time"),
        ("import builtins; builtins.isinstance = lambda *a: True", "builtins.isinstance"),
        ("probes.strides._clone = None", "probes.strides._clone"),
        ("session._encode = None", "grader.confined.session._encode"),
        ("del torch.Tensor.backward", "torch.Tensor.backward"),
        ("torch.nn.Module.__call__ = None", "Module.__call__"),
    ],
)
def test_noticed(code, name):
    assert name in changes(code)


def test_what_honest_code_does_is_not_noticed():
    assert (
        changes("""
        import torch.distributions, torch.func, torch.fx, torch.jit, torch.testing, functorch
        import torch.nn.utils.parametrize
        torch.compile(lambda x: x + 1, backend="eager")(torch.ones(2))
        torch.set_default_dtype(torch.float64)
        torch.set_default_device("cpu")
        torch.use_deterministic_algorithms(True)
        torch.manual_seed(3)
        torch.set_printoptions(precision=3)
        torch.vmap(lambda x: 2 * x)(torch.ones(3))
        layer = torch.nn.Linear(2, 2)
        layer.register_forward_hook(lambda *a: None)
        optimizer = torch.optim.AdamW(layer.parameters())
        layer(torch.ones(1, 2)).sum().backward()
        optimizer.step()
    """)
        == "[]"
    )
