"""Observations of tensor_init: memory that is shared or not, random streams, leaves, settings left behind, rows of many
results."""

import types
from typing import Any

import numpy as np
import torch
from torch import Tensor

from grader.confined.probing import task

_clone, _detach, _copy, _mul = Tensor.clone, Tensor.detach, Tensor.copy_, Tensor.mul
_get_state, _manual_seed, _equal = torch.get_rng_state, torch.manual_seed, torch.equal
_select, _size, _cat, _type = Tensor.select, Tensor.size, torch.cat, type
_put, _dim, _inference_mode, _is_inference = Tensor.__setitem__, Tensor.dim, torch.inference_mode, Tensor.is_inference
_device_module, _no_grad, _isinstance, _asarray = torch.get_device_module, torch.no_grad, isinstance, np.array
_device, _tuple = torch.device, tuple
_settings = {
    "the default dtype": (torch.get_default_dtype, torch.set_default_dtype),
    "the default device": (torch.get_default_device, torch.set_default_device),
    "the grad mode": (torch.is_grad_enabled, torch.set_grad_enabled),
}
_SGD = torch.optim.SGD


def array_of(values: Tensor, layout: str) -> np.ndarray[Any, Any]:
    """A writable array with these values: contiguous, transposed, or a strided slice of a larger one."""
    plain = _asarray(values.numpy())
    if layout == "transposed":
        return _asarray(plain.T, order="C").T
    if layout == "strided":
        room = np.zeros((*plain.shape[:-1], 2 * plain.shape[-1] + 1), dtype=plain.dtype)
        room[..., 1::2] = plain
        return room[..., 1::2]
    return plain


def writes_through(
    module: types.ModuleType, values: Tensor, layout: str, by_array: Tensor, by_tensor: Tensor
) -> dict[str, Any]:
    """What each side holds at first, after a write to the array, and after a write to the tensor.

    `turned` is what comes of the transposed array, which begins at the same address.
    """
    array = array_of(values, layout)
    tensor = task(module, "share_array")(array)
    seen = {"first": _copied(tensor)}
    array[...] = by_array.numpy()
    seen |= {"after_array": _copied(tensor)}
    if _isinstance(tensor, Tensor):
        with _no_grad():
            _copy(tensor, by_tensor)
    return seen | {"array": _asarray(array), "turned": _copied(task(module, "share_array")(array.T))}


def copy_and_writes(
    module: types.ModuleType, values: Tensor, layout: str, other: Tensor, options: dict[str, Any]
) -> dict[str, Any]:
    """The copy before and after the array is overwritten, the array that the task left, and whether it is writable.

    `again` is a second copy, of the overwritten array.
    """
    array = array_of(values, layout)
    tensor = task(module, "copy_array")(array, **options)
    seen = {"first": _copied(tensor), "left": _asarray(array), "writable": array.flags.writeable}
    array.flags.writeable = True
    array[...] = other.numpy()
    return seen | {"after": tensor, "again": task(module, "copy_array")(array, **options)}


def _copied(value: Any) -> Any:
    return _clone(_detach(value)) if _isinstance(value, Tensor) else value


def settled(
    module: types.ModuleType, name: str, settings: dict[str, Any], /, *args: Any, **kwargs: Any
) -> tuple[Any, list[str], bool, bool]:
    """The value of one call under these global settings of torch, the names of those that it changed, whether the value
    is an inference tensor, and whether lists that it was given hold what they held.

    All settings are put back.
    """
    function = task(module, name)
    usual = {key: get() for key, (get, _) in _settings.items()}
    before, given = usual | settings, [_tuple(value) for value in args if _isinstance(value, list)]
    try:
        _set(settings)
        value = function(*args, **kwargs)
        changed = [key for key, (get, _) in _settings.items() if get() != before[key]]
    finally:
        _set({key: usual[key] for key, (get, _) in _settings.items() if get() != usual[key]})
    kept = given == [_tuple(value) for value in args if _isinstance(value, list)]
    return value, changed, _isinstance(value, Tensor) and _is_inference(value), kept


def _set(settings: dict[str, Any]) -> None:
    for key, setting in settings.items():
        _settings[key][1](setting)


def two_in_turn(module: types.ModuleType, name: str, /, *args: Any) -> tuple[Any, Any]:
    """The value of one call, of which the first element was set to 0, and then that of a second call."""
    function = task(module, name)
    first = function(*args)
    if _isinstance(first, Tensor):
        with _inference_mode():  # where a tensor can be written to, whatever the mode that it was made in
            _put(first, (0,) * _dim(first), 0)
    return _copied(first), function(*args)


def draws(
    module: types.ModuleType,
    name: str,
    args: tuple[Any, ...],
    place: str,
    generators: dict[str, torch.Generator],
) -> dict[str, Any]:
    """Two draws from the generator `first`, one each from `equal` and `other`; whether the global ones moved.

    The place is given as text, and once as a torch.device.
    """
    function = task(module, name)
    before = _global_states(place)
    seen = {
        "first": function(*args, generator=generators["first"], device=place),
        "next": function(*args, generator=generators["first"], device=place),
        "equal": function(*args, generator=generators["equal"], device=_device(place)),
        "other": function(*args, generator=generators["other"], device=place),
    }
    after = _global_states(place)
    return seen | {"kept": all(_equal(a, b) for a, b in zip(before, after, strict=True))}


def _global_states(place: str) -> list[Tensor]:
    """States of the global generators of the CPU and of the device."""
    return [_get_state()] if place == "cpu" else [_get_state(), _device_module(place).get_rng_state()]


def reseeded(
    module: types.ModuleType, name: str, args: tuple[Any, ...], place: str, seeds: list[int]
) -> list[tuple[Any, Any]]:
    """Two draws without a generator after each seeding of the global one."""
    function = task(module, name)
    seen = []
    for seed in seeds:
        _manual_seed(seed)
        seen.append((function(*args, device=place), function(*args, device=place)))
    return seen


def one_step(module: types.ModuleType, fan_out: int, fan_in: int, gradient: Tensor) -> tuple[Tensor, Tensor]:
    """The weight before and after one step of SGD (learning rate 1) along a gradient."""
    weight = task(module, "xavier_uniform")(fan_out, fan_in)
    before = _copied(weight)
    optimizer = _SGD([weight], lr=1.0)
    _mul(weight, gradient).sum().backward()
    optimizer.step()
    return before, weight


def description(module: types.ModuleType, tensor: Tensor) -> tuple[Any, Tensor]:
    """What is said of a tensor, and the tensor afterwards."""
    return task(module, "describe")(tensor), tensor


def description_of_product(module: types.ModuleType, values: Tensor, factor: float) -> tuple[Any, Tensor]:
    """The same for a tensor that is no leaf: it was computed from one that asks for gradients."""
    leaf = _clone(values).requires_grad_()
    return description(module, _mul(leaf, factor))


def rows_of_many(
    module: types.ModuleType, name: str, calls: list[tuple[Any, ...]], rows: list[int]
) -> tuple[list[tuple[int, ...]], Tensor]:
    """The shapes of the results of many calls, and a row of each, one behind the other."""
    function = task(module, name)
    sizes, seen = [], []
    for args, row in zip(calls, rows, strict=True):
        result = function(*args)
        if _type(result) is not Tensor:
            raise TypeError(f"{name} returned no plain tensor")
        sizes.append(tuple(_size(result)))
        seen.append(_clone(_select(result, 0, row)))
    return sizes, _cat(seen)
