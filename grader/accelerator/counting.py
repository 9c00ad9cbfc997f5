"""What a piece of code asks of an accelerator, simulated or not: launches, copies, read-backs, work left on the CPU."""

import dataclasses
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import torch
from torch import Tensor
from torch._ops import OpOverload
from torch.utils._python_dispatch import TorchDispatchMode

from grader.accelerator.memory import NAME
from grader.accelerator.special import copies

_tensor, _isinstance, _length, _any = Tensor, isinstance, len, any
_is_cpu = vars(torch._C.TensorBase)["is_cpu"].__get__
_device = vars(torch._C.TensorBase)["device"].__get__
_dim = Tensor.dim


@dataclasses.dataclass
class Trace:
    """Counts of one traced block.

    `cpu_ops` names the ops that computed on CPU tensors alone. Data from Python (`torch.tensor(rows)`) is none; 0-d
    tensors, views and lengths that a device op takes on the CPU are none either. A number that is sent as a 0-d tensor,
    `torch.tensor(0.5, device=…)`, counts among `scalars`, not among the copies.
    """

    launches: int = 0
    to_device: int = 0
    to_host: int = 0
    readbacks: int = 0
    scalars: int = 0
    cpu_ops: list[str] = dataclasses.field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        return dataclasses.asdict(self)


@contextmanager
def trace(device: str) -> Iterator[Trace]:
    """Counts what runs inside the block, backward passes included. Blocks may be nested: each counts."""
    kind = torch.device(device).type
    if kind not in (NAME, "cuda"):
        raise ValueError(f"device: only {NAME} and cuda can be traced, not {device!r}")
    counts = Trace()
    before = copies.to_device
    try:
        with _Listing(), _Counting(counts, kind):
            yield counts
    finally:
        counts.to_device = max(counts.to_device, _copied_since(before))


def _copied_since(before: int) -> int:
    return copies.to_device - before


_original_tolist = Tensor.tolist
_lists_under_way: list[None] = []


class _Listing:
    """Tells `.tolist()` from `.cpu()`: to a dispatch mode both are the same copy."""

    def __enter__(self) -> None:
        self._first = "tolist" not in vars(Tensor)
        if self._first:
            Tensor.tolist = _tolist  # type: ignore[assignment, method-assign]

    def __exit__(self, *exc: object) -> None:
        if self._first and vars(Tensor).get("tolist") is _tolist:
            del Tensor.tolist


def _tolist(tensor: Tensor) -> Any:
    _lists_under_way.append(None)
    try:
        return _original_tolist(tensor)
    finally:
        _lists_under_way.pop()


class _Counting(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Sees every op on its way to a kernel, on autograd's threads too."""

    def __init__(self, counts: Trace, kind: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._counts, self._kind = counts, kind

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """Or torch imports its compiler, which takes a second, only to tell it to keep out."""
        return False

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        kwargs = kwargs or {}
        result = func(*args, **kwargs)
        rule = _rule(func)
        if rule is not None:
            rule(_Event(func, args, kwargs, result, self._kind), self._counts)
        return result


class _Event:
    """One op with its tensors, told apart by where they are."""

    def __init__(self, func: OpOverload, args: tuple[Any, ...], kwargs: dict[str, Any], result: Any, kind: str) -> None:
        self.func, self.args, self.kwargs, self.result = func, args, kwargs, result
        self._kind = kind
        self.there: list[Tensor] = []
        self.here: list[Tensor] = []
        for value in (*args, *kwargs.values(), result):
            self._sort(value)

    def _sort(self, value: Any) -> None:
        if _isinstance(value, _tensor):
            if self.is_there(value):
                self.there.append(value)
            elif _is_cpu(value):
                self.here.append(value)
        elif _isinstance(value, (list, tuple)):
            for item in value:
                self._sort(item)

    def is_there(self, tensor: Tensor) -> bool:
        return not _is_cpu(tensor) and _device(tensor).type == self._kind

    @property
    def name(self) -> str:
        return _name(self.func)


Rule = Callable[[_Event, Trace], None]


@cache
def _name(func: OpOverload) -> str:
    return func._schema.name.rpartition("::")[2]


@cache
def _rule(func: OpOverload) -> Rule | None:
    """How an op counts; None for those that touch no data."""
    name = _name(func)
    if name in _RULES:
        return _RULES[name]
    if name.startswith(("empty", "new_empty")) or name in _FREE:
        return None
    aliases = [r.alias_info for r in func._schema.returns]
    if any(alias is not None and not alias.is_write for alias in aliases):
        return None
    return _launch


_FREE = {"detach", "detach_", "_unsafe_view", "lift", "set_", "resize_", "is_pinned"}
_FREE.add("_has_compatible_shallow_copy_type")


def _launch(event: _Event, counts: Trace) -> None:
    if event.there:
        counts.launches += 1
    elif _any(_dim(tensor) for tensor in event.here):
        counts.cpu_ops.append(event.name)


def _lift(event: _Event, counts: Trace) -> None:
    """torch.tensor(data, device=…) shows only its result."""
    if event.is_there(event.result):
        counts.to_device += _dim(event.result) > 0
        counts.scalars += _dim(event.result) == 0


def _copy(event: _Event, counts: Trace) -> None:
    source = event.args[1] if event.name == "copy_" else event.args[0]
    before, after = event.is_there(source), event.is_there(event.result)
    if before is after:
        _launch(event, counts)
    elif after:
        counts.to_device += 1
    elif _lists_under_way:
        counts.readbacks += 1
    else:
        counts.to_host += 1


def _read(event: _Event, counts: Trace) -> None:
    """A value goes to Python, and the device waits."""
    counts.readbacks += bool(event.there)


def _launch_and_read(event: _Event, counts: Trace) -> None:
    """The size or the value of the result has to be known on the host."""
    _launch(event, counts)
    _read(event, counts)


def _repeat(event: _Event, counts: Trace) -> None:
    _launch(event, counts)
    if event.kwargs.get("output_size") is None:
        _read(event, counts)


def _index(event: _Event, counts: Trace) -> None:
    """Masks are turned into positions, whose number the host has to know; positions on the CPU are copied over."""
    _launch(event, counts)
    if not event.there:
        return
    indices = [index for index in event.args[1] if index is not None]
    counts.to_device += sum(not event.is_there(index) for index in indices)
    masks = [index for index in indices if index.dtype in (torch.bool, torch.uint8) and event.is_there(index)]
    fills = _length(event.args) > 2 and event.args[2].numel() == 1
    counts.readbacks += bool(masks) and not fills


_RULES: dict[str, Rule] = {
    "lift_fresh": _lift,
    "_to_copy": _copy,
    "copy_": _copy,
    "_copy_from": _copy,
    "_local_scalar_dense": _read,
    "repeat_interleave": _repeat,
    **dict.fromkeys(("index", "_unsafe_index", "index_put", "index_put_", "_index_put_impl_"), _index),
    **dict.fromkeys(
        ("equal", "nonzero", "masked_select", "_unique", "_unique2", "unique_dim", "unique_consecutive", "bincount"),
        _launch_and_read,
    ),
    **dict.fromkeys(("unique_dim_consecutive", "allclose"), _launch_and_read),
}
