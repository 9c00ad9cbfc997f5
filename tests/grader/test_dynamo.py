"""torch's compiler stays asleep, and wakes up when it is wanted; in processes of their own."""

import subprocess
import sys
import textwrap

from grader.paths import ROOT


def run(code):
    whole = "from grader.confined import dynamo\nassert dynamo.keep_asleep() > 100\n" + textwrap.dedent(code)
    done = subprocess.run([sys.executable, "-c", whole], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]


def test_optimizers_do_not_wake_it():
    run("""
        import inspect, sys, torch
        layer = torch.nn.Linear(2, 1)
        for kind in (torch.optim.SGD, torch.optim.AdamW, torch.optim.Adagrad):
            optimizer = kind(layer.parameters(), lr=0.1)
            optimizer.zero_grad()
            layer(torch.ones(3, 2)).sum().backward()
            optimizer.step()
        inspect.getmodule(layer.forward)
        assert type(sys.modules["torch._dynamo"]) is dynamo.Asleep
    """)


def test_function_transforms_do_not_wake_it():
    run("""
        import sys, torch
        loss = lambda w, x: (x * w).square().sum()
        x = torch.ones(3, 2)
        assert torch.func.grad(loss)(torch.ones(2), x).tolist() == [6, 6]
        assert torch.func.vmap(torch.func.grad(loss), (None, 0))(torch.ones(2), x).tolist() == [[2, 2]] * 3
        assert type(sys.modules["torch._dynamo"]) is dynamo.Asleep
        assert torch._dynamo.compiled_autograd.compiled_autograd_enabled is False
        assert type(sys.modules["torch._dynamo"]) is not dynamo.Asleep
    """)


def test_who_wants_it_gets_it():
    run("""
        import torch
        double = torch.compile(lambda x: 2 * x, backend="eager")
        assert double(torch.ones(2)).tolist() == [2, 2]
        assert torch._dynamo.config is not None
    """)
