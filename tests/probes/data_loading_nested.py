"""Nested batches that probes of data_loading hand to students' functions, and how a result stands to its batch."""

from collections import OrderedDict, defaultdict, namedtuple
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from grader.confined.probing import moved

_clone, _equal, _tensor = Tensor.clone, torch.equal, torch.tensor
_isinstance, _type, _Tensor, _no_grad = isinstance, type, Tensor, torch.no_grad
_add, _not, _bool = Tensor.add_, Tensor.logical_not_, torch.bool
_Module, _parameters = nn.Module, nn.Module.named_parameters
_Parameter, _detach = nn.Parameter, Tensor.detach
_device, _requires_grad = (vars(torch._C.TensorBase)[name].__get__ for name in ("device", "requires_grad"))


class State(NamedTuple):
    """A named tuple with a default."""

    hidden: Any
    cell: Any = None


Pair = namedtuple("Pair", "first second")


class Opaque:
    """An object that is no container."""


class Movable(Opaque):
    """One that can be moved in its own way."""

    def to(self, *_args: Any, **_options: Any) -> "Movable":
        return Movable()


@dataclass(eq=False)
class Holder(Opaque):
    """One that holds a tensor."""

    tensor: Any


class Batch(dict[Any, Any]):
    """A dict of one's own."""


NAMED = {"state": State, "pair": Pair}
COMMON: list[Any] = ["text", b"bytes", 3, 2.5, None, True, Opaque(), np.arange(3), {1, 2}, Opaque, ""]
OTHERS: list[Any] = [
    *COMMON,
    Movable(),
    Holder(_tensor([2.5])),
    nn.LayerNorm(2),
]  # not other mappings: many right forms enter them
IMMUTABLE = (str, bytes, int, float)


def parameter(tensor: Tensor) -> bool:
    """Whether a batch holds a Parameter for this tensor of its description: it requires grad, and is a matrix."""
    return bool(_requires_grad(tensor)) and tensor.dim() == 2


def nest(spec: list[Any], place: str, known: list[Tensor]) -> Any:
    """The batch of a description; `known` gathers its tensors.

    here, there: a tensor, perhaps a `parameter`, on the CPU or on the device ┆ again: tensor number n ┆ dict, ordered,
    default, own: pairs of key and description ┆ list, tuple, state, pair: descriptions ┆ other: number n of OTHERS.
    """
    kind, content = spec
    if kind in ("here", "there"):
        tensor = content if kind == "here" else moved(content, place)
        known.append(_Parameter(_detach(tensor)) if parameter(content) else tensor)
        return known[-1]
    if kind == "again":
        return known[content]
    if kind == "other":
        return OTHERS[content]
    if kind in ("dict", "ordered", "default", "own"):
        pairs = [(key, nest(item, place, known)) for key, item in content]
        made = {"dict": dict, "ordered": OrderedDict, "own": Batch, "default": partial(defaultdict, list)}
        return made[kind](pairs)
    items = [nest(item, place, known) for item in content]
    return NAMED[kind](*items) if kind in NAMED else {"list": list, "tuple": tuple}[kind](items)


def _items(value: Any) -> Any:
    """The members of a container, by key or number; None for anything else."""
    if _isinstance(value, dict):
        return {**value}
    return dict(enumerate(value)) if _isinstance(value, (list, tuple)) else None


def compared(result: Any, original: Any) -> dict[str, Any]:
    """How a result stands to the batch that was given, member by member."""
    if _isinstance(original, _Tensor):
        return {"tensor": _clone(result) if _isinstance(result, _Tensor) else result}
    members = _items(original)
    if members is None:
        equal = _type(result) is _type(original) and _isinstance(original, IMMUTABLE) and result == original
        return {"same": result is original or equal, "type": _type(result).__name__}
    found = _items(result)
    alike = _isinstance(result, dict) if _isinstance(original, dict) else _type(result) is _type(original)
    if not alike or found.keys() != members.keys():
        return {"container": alike, "keys": list(found or []), "type": _type(result).__name__}
    return {"container": True, "members": {key: compared(found[key], members[key]) for key in members}}


def _tensors(result: Any, original: Any) -> Iterator[tuple[Any, Tensor]]:
    if _isinstance(original, _Tensor):
        yield result, original
    elif (members := _items(original)) is not None:
        found = _items(result) or {}
        for key, member in members.items():
            yield from _tensors(found.get(key), member)


def _shares(result: Any, original: Tensor) -> bool:
    """Whether a write to the original shows in the result."""
    if result is original:
        return True
    if not _isinstance(result, _Tensor) or result.shape != original.shape or result.device != original.device:
        return False
    with _no_grad():
        _not(original) if original.dtype == _bool else _add(original, 1)
    return original.numel() == 0 or _equal(result, original)


def portrait(value: Any) -> Any:
    """The objects that a container or another object holds, and where its tensors are."""
    members = {**vars(value)} if _isinstance(value, Opaque) else _items(value)
    members = dict(_parameters(value)) if _isinstance(value, _Module) else members
    if members is None:
        return id(value), str(_device(value)) if _isinstance(value, _Tensor) else None
    return id(value), [(key, portrait(member)) for key, member in members.items()]


def told(result: Any, batch: Any, before: Any, known: list[Tensor]) -> dict[str, Any]:
    """A result beside its batch, and what became of the batch."""
    return {
        "result": compared(result, batch),
        "kept": portrait(batch) == before,
        "given": [_clone(tensor) for tensor in known],
        "shares": [_shares(found, original) for found, original in _tensors(result, batch)],
        "tracked": [_isinstance(found, _Tensor) and _requires_grad(found) for found, _ in _tensors(result, batch)],
    }
