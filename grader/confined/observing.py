"""What probes hand to student code in place of a plain model or optimizer: the same values, and notes of every call.

A probe makes a `Journal`, builds `Recorder`s and a `RecordingSGD` on it, and returns `journal.entries`, which are plain
values. Nothing here judges.
"""

import weakref
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

_isinstance, _Tensor, _ref = isinstance, Tensor, weakref.ref
_clone, _detach, _is_grad_enabled = Tensor.clone, Tensor.detach, torch.is_grad_enabled
_named_modules, _named_parameters = nn.Module.named_modules, nn.Module.named_parameters
_named_buffers, _requires_grad = nn.Module.named_buffers, vars(torch._C.TensorBase)["requires_grad"].__get__


def flags(model: nn.Module) -> dict[str, dict[str, bool]]:
    """`training` of every submodule, and `requires_grad` of every parameter and buffer, by name."""
    tensors = {
        **dict(_named_parameters(model, remove_duplicate=False)),
        **dict(_named_buffers(model, remove_duplicate=False)),
    }
    return {
        "training": {name: module.training for name, module in _named_modules(model, remove_duplicate=False)},
        "requires_grad": {name: _requires_grad(tensor) for name, tensor in tensors.items()},
    }


def copied(value: Any) -> Any:
    """Tensors in lists, tuples (named ones become plain) and dicts as they are now, without a graph; else the value."""
    if _isinstance(value, _Tensor):
        return _clone(_detach(value))
    if _isinstance(value, (list, tuple)):
        items = [copied(item) for item in value]
        return items if _isinstance(value, list) else tuple(items)
    if _isinstance(value, dict):
        return {key: copied(item) for key, item in value.items()}
    return value


class Journal:
    """Events in the order in which they happened; each is a dict with an `event` and what belongs to it.

    A copied model goes on writing to the journal of the original.
    """

    def __init__(self) -> None:
        self.entries: list[dict[str, Any]] = []

    def note(self, event: str, **facts: Any) -> None:
        self.entries.append({"event": event, **facts})

    def __deepcopy__(self, memo: Any) -> "Journal":
        return self

    def events(self) -> list[str]:
        return [entry["event"] for entry in self.entries]


class Recorder(nn.Module):
    """Calls `inner` and notes the call: arguments as they were, mode, and whether gradients were on.

    `inner` is a submodule under that name, so its parameters are this module's, too.
    """

    def __init__(self, inner: nn.Module, journal: Journal, event: str = "forward") -> None:
        super().__init__()
        self.inner = inner
        self._journal, self._event = journal, event

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        self._journal.note(
            self._event,
            args=copied(args),
            kwargs=copied(kwargs),
            training=[module.training for _, module in _named_modules(self)],
            grad=_is_grad_enabled(),
        )
        return self.inner(*args, **kwargs)


def recording_loss(function: Callable[..., Tensor], journal: Journal) -> Callable[..., Tensor]:
    """The loss function; each call is noted with its arguments, and so is each backward pass through its value."""

    def loss(*args: Any, **kwargs: Any) -> Tensor:
        value = function(*args, **kwargs)
        journal.note("loss", args=copied(args), value=copied(value), grad=_is_grad_enabled())
        if _requires_grad(value):
            value.register_hook(  # type: ignore[no-untyped-call]
                lambda gradient: journal.note("backward", gradient=copied(gradient))
            )
        return value

    return loss


class RecordingSGD(torch.optim.SGD):
    """SGD that notes `zero_grad` and `step`, and with a step the gradients that it used (None where there are none)."""

    def __init__(self, params: Any, lr: float, journal: Journal) -> None:
        super().__init__(params, lr=lr)
        self._journal = journal

    def zero_grad(self, set_to_none: bool = True) -> None:
        self._journal.note("zero_grad")
        super().zero_grad(set_to_none)

    def step(self, closure: Any = None) -> Any:
        gradients = [copied(parameter.grad) for group in self.param_groups for parameter in group["params"]]
        self._journal.note("step", gradients=gradients)
        return super().step(closure)


class Witness(nn.Module):
    """An identity that tells how many of the graphs which went through it are still held by somebody."""

    def __init__(self) -> None:
        super().__init__()
        self._nodes: list[weakref.ref[Any]] = []

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = _Identity.apply(x, self._nodes)  # type: ignore[no-untyped-call]
        return result

    def alive(self) -> int:
        """Graphs that are not released; call it while whatever the student returned is still there."""
        return sum(node() is not None for node in self._nodes)

    def passes(self) -> int:
        """Graphs that went through."""
        return len(self._nodes)


class _Identity(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, nodes: list[Any]) -> Tensor:
        if x.requires_grad:
            nodes.append(_ref(ctx))
        return x.view_as(x)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        return gradient, None
