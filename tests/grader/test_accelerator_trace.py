"""What a trace counts."""

import contextlib
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from grader.accelerator import NAME, Trace, install, trace


@pytest.fixture(scope="module", autouse=True)
def device() -> None:
    install()


def _train(x: Tensor) -> None:
    model = nn.Linear(4, 2, device=NAME)
    optimizer = torch.optim.Adam(model.parameters())
    model(x).sum().backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()


# Snippet to (to_device, to_host, readbacks, cpu_ops); x (4, 4) is on the device.
COUNTS: dict[str, tuple[Callable[[Tensor], Any], tuple[int, int, int, list[str]]]] = {
    "built there": (lambda x: torch.ones(3, 3, device=NAME).tril() + torch.arange(3, device=NAME), (0, 0, 0, [])),
    "built here, then moved": (lambda x: torch.arange(3).to(NAME), (1, 0, 0, ["arange"])),
    "computed here": (lambda x: (torch.ones(3, 3).tril() > 0).to(x.device), (1, 0, 0, ["ones", "tril", "gt"])),
    "a list": (lambda x: torch.tensor([1, 2], device=NAME), (1, 0, 0, [])),
    "a list, then moved": (lambda x: torch.tensor([[1.0], [2.0]]).to(NAME), (1, 0, 0, [])),
    "a list by as_tensor": (lambda x: torch.as_tensor([1.0], device=NAME), (1, 0, 0, [])),
    "a list by new_tensor": (lambda x: x.new_tensor([1.0]), (1, 0, 0, [])),
    "a list with gradient": (lambda x: torch.tensor([1.0], device=NAME, requires_grad=True), (1, 0, 0, [])),
    "an array": (lambda x: torch.from_numpy(np.ones(3)).to(NAME), (1, 0, 0, [])),
    "an array by tensor": (lambda x: torch.tensor(np.ones(3), device=NAME), (1, 0, 0, [])),
    "row by row": (lambda x: torch.stack([torch.tensor([1.0], device=NAME) for _ in range(3)]), (3, 0, 0, [])),
    "a number": (lambda x: x + torch.tensor(2.0, device=NAME), (0, 0, 0, [])),
    "a number, then moved": (lambda x: torch.tensor(2.0).to(NAME), (1, 0, 0, [])),
    "described first": (lambda x: nn.Linear(3, 2, device="meta").to_empty(device=NAME), (0, 0, 0, [])),
    "copied into": (lambda x: x.copy_(torch.full((4, 4), 2.0)), (1, 0, 0, ["full"])),
    "set from the CPU": (lambda x: x[0].__setitem__(slice(0, 1), torch.tensor([1.0])), (1, 0, 0, [])),
    "index on the CPU": (lambda x: x[torch.tensor([0, 1])], (1, 0, 0, [])),
    "list index": (lambda x: x[[0, 1]], (1, 0, 0, [])),
    "cpu": (lambda x: x.cpu(), (0, 1, 0, [])),
    "to cpu": (lambda x: x.to("cpu").numpy(), (0, 1, 0, [])),
    "there and back": (lambda x: x.cpu().exp().to(NAME), (1, 1, 0, ["exp"])),
    "item": (lambda x: x.sum().item(), (0, 0, 1, [])),
    "float": (lambda x: float(x[0, 0]) + int(x[0, 0]), (0, 0, 2, [])),
    "if": (lambda x: 1 if (x > 0).all() else 0, (0, 0, 1, [])),
    "tolist": (lambda x: x.tolist(), (0, 0, 1, [])),
    "tolist here": (lambda x: torch.tensor([1]).tolist(), (0, 0, 0, [])),
    "format": (lambda x: f"{x[0, 0]:.3f}", (0, 0, 1, [])),
    "nonzero": (lambda x: x.nonzero(), (0, 0, 1, [])),
    "mask": (lambda x: x[x > 0], (0, 0, 1, [])),
    "masked_select": (lambda x: x.masked_select(x > 0), (0, 0, 1, [])),
    "set by mask": (lambda x: x.__setitem__(x > 0, 1.0), (0, 0, 0, [])),
    "set values by mask": (lambda x: x.__setitem__(x >= 0, torch.ones(16, device=NAME)), (0, 0, 1, [])),
    "long index": (lambda x: x[torch.zeros(2, dtype=torch.long, device=NAME)], (0, 0, 0, [])),
    "where": (lambda x: torch.where(x > 0, x, 0.0), (0, 0, 0, [])),
    "unique": (lambda x: x.unique(), (0, 0, 1, [])),
    "equal": (lambda x: torch.equal(x, x) and torch.allclose(x, x), (0, 0, 2, [])),
    "repeat_interleave": (lambda x: x.repeat_interleave(x[0].long(), 0), (0, 0, 1, [])),
    "repeat by a number": (lambda x: x.repeat_interleave(2, 0), (0, 0, 0, [])),
    "number": (lambda x: x * 2 + 1, (0, 0, 0, [])),
    "0-d": (lambda x: x / torch.sqrt(torch.tensor(4.0)), (0, 0, 0, [])),
    "loop over rows": (lambda x: [row.sum() for row in x], (0, 0, 0, [])),
    "views": (lambda x: x.view(-1)[1:].reshape(3, 5).t(), (0, 0, 0, [])),
    "training": (_train, (0, 0, 0, [])),
    "dropout": (lambda x: F.dropout(x), (0, 0, 0, [])),
    "loss": (lambda x: F.cross_entropy(x, x[0].long()), (0, 0, 0, [])),
    "shape": (lambda x: torch.empty(x.shape, device=NAME).fill_(len(x)), (0, 0, 0, [])),
    "left on the CPU": (lambda x: torch.empty(3).fill_(1.0), (0, 0, 0, ["fill_"])),
    "0-d from many": (lambda x: torch.tensor([1.0, 2.0]).sum(), (0, 0, 0, ["sum"])),
}


@pytest.mark.parametrize("name", COUNTS)
def test_counts(name: str) -> None:
    snippet, expected = COUNTS[name]
    x = torch.ones(4, 4, device=NAME)
    with trace(NAME) as seen:
        snippet(x)
    assert (seen.to_device, seen.to_host, seen.readbacks, seen.cpu_ops) == expected


def test_numbers_made_there_are_counted_apart() -> None:
    with trace(NAME) as seen:
        torch.where(torch.ones(2, 2, device=NAME) > 0, torch.tensor(1.0, device=NAME), torch.tensor(0, device=NAME))
    assert (seen.scalars, seen.to_device) == (2, 0)


LAUNCHES: dict[str, tuple[Callable[[Tensor], Any], int]] = {
    "one": (lambda x: x + x, 1),
    "in place": (lambda x: x.mul_(2), 1),
    "out": (lambda x: torch.mul(x, x, out=x), 1),
    "view": (lambda x: x.t()[1:].detach().view_as(x.t()[1:]), 0),
    "empty": (lambda x: torch.empty_like(x), 0),
    "clone": (lambda x: x.clone(), 1),
    "contiguous": (lambda x: x.t().contiguous(), 1),
    "same dtype": (lambda x: x.float(), 0),
    "dtype": (lambda x: x.double(), 1),
    "loop": (lambda x: [x.sin() for _ in range(7)], 7),
    "foreach": (lambda x: torch._foreach_add([x, x], 1), 1),
    "copy": (lambda x: x.cpu(), 0),
    "host": (lambda x: torch.ones(3) + 1, 0),
}


@pytest.mark.parametrize("name", LAUNCHES)
def test_launches(name: str) -> None:
    snippet, launches = LAUNCHES[name]
    x = torch.ones(4, 4, device=NAME)
    with trace(NAME) as seen:
        snippet(x)
    assert seen.launches == launches


def test_backward_counts() -> None:
    x = torch.ones(4, 4, device=NAME, requires_grad=True)
    with trace("sim:0") as seen:
        y = (x @ x).sum()
        forward = seen.launches
        y.backward()
    assert forward == 2
    assert seen.launches >= forward + 3
    assert seen.cpu_ops == []


def test_the_cpu_in_a_backward_is_seen() -> None:
    class Detour(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Tensor) -> Tensor:
            return x.clone()

        @staticmethod
        def backward(ctx: Any, grad: Tensor) -> Tensor:
            return grad.cpu().mul(2).to(grad.device)

    x = torch.ones(2, device=NAME, requires_grad=True)
    with trace(NAME) as seen:
        Detour.apply(x).sum().backward()
    assert (seen.to_host, seen.to_device, seen.cpu_ops) == (1, 1, ["mul"])


def test_nested_blocks_both_count() -> None:
    x = torch.ones(2, device=NAME)
    with trace(NAME) as outer:
        x.sin()
        with trace(NAME) as inner:
            x.tolist()
            x.cos()
        x.tolist()
    assert (outer.launches, outer.readbacks, inner.launches, inner.readbacks) == (2, 2, 1, 1)


def test_an_exception_goes_through_and_ends_the_trace() -> None:
    x = torch.ones(2, device=NAME)
    seen = []
    with contextlib.suppress(ZeroDivisionError), trace(NAME) as counts:
        seen.append(counts)
        x.sin()
        raise ZeroDivisionError
    x.sin()
    assert [counts.launches for counts in seen] == [1]
    assert "tolist" not in vars(Tensor)
    with pytest.raises(RuntimeError, match="same device"), trace(NAME):
        x + torch.ones(2)


def test_a_trace_changes_no_result() -> None:
    torch.manual_seed(0)
    model = nn.GRU(4, 3, 2).to(NAME)
    x = torch.rand(5, 2, 4, device=NAME)
    expected = model(x)[0]
    with trace(NAME):
        assert torch.equal(model(x)[0], expected)
        assert type(x + 1) is Tensor
        assert torch.func.vmap(torch.sum)(x).shape == (5,)
    assert x.tolist() == x.cpu().tolist()


def test_another_thread_is_not_counted() -> None:
    x = torch.ones(2, device=NAME)
    with trace(NAME) as seen:
        other = threading.Thread(target=lambda: x.sin())
        other.start()
        other.join()
    assert seen.launches == 0


def test_only_accelerators_are_traced() -> None:
    with pytest.raises(ValueError, match="device"), trace("cpu"):
        pass
    with trace("cuda") as seen:
        torch.arange(3)
    assert seen.cpu_ops == ["arange"]


def test_as_dict() -> None:
    expected = {"launches": 1, "to_device": 0, "to_host": 0, "readbacks": 2, "scalars": 0, "cpu_ops": ["ones"]}
    assert Trace(launches=1, readbacks=2, cpu_ops=["ones"]).as_dict() == expected
