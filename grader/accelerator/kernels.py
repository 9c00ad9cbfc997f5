"""How the simulated device computes: one fallback takes every op, runs the CPU's kernel on the same memory, and wraps
what is new. Views and metadata run torch's own device-blind kernels on the device tensors themselves.
"""

from collections.abc import Callable
from functools import cache, partial
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch._ops import OpOverload

from grader.accelerator import generators
from grader.accelerator.memory import NAME, to_device, to_host

aten = torch.ops.aten
CPU = torch._C.DispatchKeySet(torch._C.DispatchKey.CPU)
_HOST = torch.device("cpu")

# Beside the pointwise ops, these take a 0-d CPU tensor among device tensors, as on CUDA.
_MIXING = {
    *("fill_", "masked_fill", "masked_fill_", "index_fill", "index_fill_", "where", "index_put", "index_put_"),
    *("_index_put_impl_", "linspace", "logspace"),
}
_INDEXING = {"index", "_unsafe_index", "index_put", "index_put_", "_index_put_impl_", "_unsafe_index_put"}
_METADATA = {"set_", "resize_as_", "resize_"}


class Plan(NamedTuple):
    """What the schema of an op says, read once."""

    kernel: Callable[..., Any]  # straight to the CPU's kernel, past modes and autocast
    tensors: tuple[int, ...]  # places of arguments that are tensors
    view: bool  # the result shares memory with an argument, or only metadata changes
    out: tuple[str, ...]  # arguments that are resized to fit and written to
    returned: tuple[tuple[int, str] | None, ...]  # for each result the argument that it is, if it is one
    generator: int | None  # the place of the generator, for random ops
    mixes: bool
    indexing: bool


@cache
def plan(op: OpOverload) -> Plan:
    arguments = op._schema.arguments
    name = op._schema.name.removeprefix("aten::")
    written = [(i, a) for i, a in enumerate(arguments) if a.alias_info is not None and a.alias_info.is_write]
    results = [r.alias_info for r in op._schema.returns]
    pointwise = torch.Tag.pointwise in op.tags or name.startswith("_foreach_")
    return Plan(
        kernel=partial(op._handle.redispatch_boxed, CPU),
        tensors=tuple(i for i, a in enumerate(arguments) if str(a.type) == "Tensor" and not a.kwarg_only),
        view=name in _METADATA or any(r is not None and not r.is_write for r in results),
        out=tuple(a.name for _, a in written if a.is_out),
        returned=tuple(_same_argument(r, written) for r in results),
        generator=next((i for i, a in enumerate(arguments) if "Generator" in str(a.type)), None),
        mixes=pointwise or name in _MIXING,
        indexing=name in _INDEXING,
    )


def _same_argument(result: Any, written: list[tuple[int, Any]]) -> tuple[int, str] | None:
    if result is None or not result.is_write:
        return None
    return next((i, a.name) for i, a in written if a.alias_info.before_set == result.before_set)


def direct(name: str) -> Callable[..., Any]:
    """The fallback for one op, to be registered under its name."""
    packet, _, overload = name.partition(".")
    return partial(compute, getattr(getattr(aten, packet), overload or "default"))


def compute(op: OpOverload, *args: Any, **kwargs: Any) -> Any:
    """The backend's fallback."""
    known = plan(op)
    if known.view:
        return known.kernel(*args, **kwargs)
    borrowed = _Borrowed()
    host_args = [borrowed.host(value) for value in args]
    host_kwargs = {key: borrowed.host(value) for key, value in kwargs.items()}
    if known.indexing:
        _check_indices(*args[:3])
    elif borrowed.strangers:
        _check_devices(known, borrowed.strangers)
    for key in known.out:
        host_kwargs[key] = aten.empty.memory_format([0], dtype=kwargs[key].dtype, device=_HOST)
    if known.generator is None:
        result = _run(known, host_args, host_kwargs)
    else:
        result = _draw(known, known.generator, host_args, host_kwargs)
    for key in known.out:
        _hand_over(host_kwargs[key], kwargs[key])
    return _returned(known, result, args, kwargs)


def _run(known: Plan, args: list[Any], kwargs: dict[str, Any]) -> Any:
    for i in known.tensors:
        if i < len(args) and isinstance(args[i], (int, float, complex)):
            args[i] = _as_operand(args[i], args)
    return known.kernel(*args, **kwargs)


def _draw(known: Plan, place: int, args: list[Any], kwargs: dict[str, Any]) -> Any:
    given = args.pop(place) if place < len(args) else kwargs.get("generator")
    with generators.lent(given) as kwargs["generator"]:
        return _run(known, args, kwargs)


def _as_operand(number: complex, args: list[Any]) -> Tensor:
    """The number of `x * 2` as a tensor, in the type of the result, so that it promotes nothing."""
    partner = next(value for value in reversed(args) if isinstance(value, Tensor))
    with torch._C.DisableTorchFunction():
        dtype = torch.result_type(partner, number)
    return aten.scalar_tensor.default(number, dtype=dtype, device=_HOST)  # type: ignore[no-any-return]


class _Borrowed:
    """Lends device tensors to a CPU kernel, and remembers CPU tensors that came with them."""

    def __init__(self) -> None:
        self.strangers: list[Tensor] = []

    def host(self, value: Any) -> Any:
        if isinstance(value, Tensor):
            if not value.is_cpu:
                return to_host(value)
            self.strangers.append(value)
        elif isinstance(value, (list, tuple)):
            return [self.host(item) for item in value]
        elif isinstance(value, torch.device):
            return host_device(value)
        return value


def host_device(device: torch.device) -> torch.device:
    """The device to compute on in a device's stead."""
    if device.type == NAME and device.index not in (None, 0):
        raise RuntimeError(f"{NAME} error: invalid device ordinal")
    return _HOST


def _check_devices(known: Plan, strangers: list[Tensor]) -> None:
    if not known.mixes or any(tensor.dim() for tensor in strangers):
        check_devices(*strangers)


def check_devices(*tensors: Tensor | None) -> None:
    if any(tensor is not None and tensor.is_cpu for tensor in tensors):
        raise RuntimeError(
            f"Expected all tensors to be on the same device, but found at least two devices, {NAME}:0 and cpu!"
        )


def _check_indices(target: Tensor, indices: list[Tensor | None], values: Tensor | None = None) -> None:
    """A device tensor takes indices from either side, a CPU tensor only its own; values are the target's or 0-d."""
    if target.is_cpu and any(index is not None and not index.is_cpu for index in indices):
        raise RuntimeError(
            f"indices should be either on {target.device} or on the same device as the indexed tensor ({target.device})"
        )
    if values is not None and values.dim() and values.is_cpu != target.is_cpu:
        check_devices(target, values)


def _hand_over(host: Tensor, target: Tensor) -> None:
    """What an `out=` kernel made, to the tensor that was given for it."""
    if target.shape == host.shape:
        to_host(target).copy_(host)
    else:
        replace(target, host)


def replace(target: Tensor, host: Tensor) -> Tensor:
    """Gives a device tensor the memory of a CPU tensor."""
    source = to_device(host)
    aten.set_.source_Storage_storage_offset.redispatch(
        CPU, target, source.untyped_storage(), 0, source.size(), source.stride()
    )
    return target


def _returned(known: Plan, result: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    if not any(known.returned):
        return _on_device(result)
    results = result if isinstance(result, tuple) else (result,)
    wrapped = tuple(
        _on_device(fresh) if given is None else _argument(given, args, kwargs)
        for fresh, given in zip(results, known.returned, strict=True)
    )
    return wrapped if isinstance(result, tuple) else wrapped[0]


def _argument(given: tuple[int, str], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    place, name = given
    return args[place] if place < len(args) else kwargs[name]


def _on_device(result: Any) -> Any:
    if isinstance(result, Tensor):
        return to_device(result)
    if isinstance(result, (list, tuple)):
        return type(result)(map(_on_device, result))
    return result
