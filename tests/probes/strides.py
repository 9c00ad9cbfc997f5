"""Observations of strides: what a tensor and its storage show of each other's writes, and windows at secret places."""

import types
from typing import Any

import torch
from torch import Tensor

from grader.confined.probing import task

_clone, _detach, _copy, _dim, _size = Tensor.clone, Tensor.detach, Tensor.copy_, Tensor.dim, Tensor.size
_as_strided, _get, _set, _item = Tensor.as_strided, Tensor.__getitem__, Tensor.__setitem__, Tensor.item
_stride, _storage_offset, _type, _PLAIN = Tensor.stride, Tensor.storage_offset, type, (Tensor, torch.nn.Parameter)
_arange, _float32, _row_major = torch.arange, torch.float32, torch.contiguous_format
_isinstance, _len, _all, _zip, _tuple = isinstance, len, all, zip, tuple
_no_torch_function = torch._C.DisableTorchFunctionSubclass

Layout = tuple[tuple[int, ...], tuple[int, ...], int]  # shape, stride, storage offset


def both_ways(
    module: types.ModuleType,
    name: str,
    storage: Tensor,
    layout: Layout,
    args: tuple[Any, ...],
    index: tuple[int, ...] | None,
    value: float,
    other: Tensor,
) -> dict[str, Any]:
    """One call on a tensor that lies in this storage; then the result is written, then the whole storage.

    `result` is what came back, `left` the storage that the call left, `layout` that of x after the call, `written` the
    storage after `value` went into one element of the result, `rewritten` the result after `other` went into the
    storage.
    """
    x = _as_strided(storage, *layout)
    result = task(module, name)(x, *args)
    seen = {"result": _copied(result), "left": _clone(storage), "layout": _layout_of(x)}
    if not _isinstance(result, Tensor):
        return seen
    with _no_torch_function():
        plain = _detach(result)
        if index is not None and _fits(index, plain):
            _set(plain, index, value)
        seen["written"] = _clone(storage)
        _copy(storage, other)
        seen["rewritten"] = _copied(plain)
        seen["stride"] = _stride(plain)
    seen["type"] = _type(result).__qualname__
    return seen


def answers_and_storages(
    module: types.ModuleType, name: str, storages: list[Tensor], calls: list[tuple[Layout, Any]]
) -> list[tuple[list[Any], Tensor, list[tuple[Layout, Any]]]]:
    """What the task answers about tensors in each storage; the storage and the calls as the task leaves them."""
    function = task(module, name)
    seen = []
    for storage in storages:
        pairs = [(_as_strided(storage, *layout), argument) for layout, argument in calls]
        answers = [function(x, argument) for x, argument in pairs]
        seen.append((answers, storage, [(_layout_of(x), argument) for x, argument in pairs]))
    return seen


def replies_and_arguments(
    module: types.ModuleType, name: str, calls: list[tuple[Any, ...]]
) -> tuple[list[Any], list[tuple[Any, ...]]]:
    """The values of several calls, and their arguments as the task leaves them."""
    function = task(module, name)
    return [function(*args) for args in calls], calls


def _layout_of(x: Tensor) -> Layout:
    return _tuple(_size(x)), _stride(x), _storage_offset(x)


def _copied(value: Any) -> Any:
    if not _isinstance(value, Tensor):
        return value
    with _no_torch_function():
        return _clone(_detach(value), memory_format=_row_major)


def _fits(index: tuple[int, ...], x: Tensor) -> bool:
    """Whether the index points into x."""
    return _len(index) == _dim(x) and _all(i < n for i, n in _zip(index, _size(x), strict=True))


def many_windows(
    module: types.ModuleType, count: int, start: int, calls: list[tuple[int, int, int, int, int, int]]
) -> list[tuple[Any, Any, bool]]:
    """Shape, one element and plainness of the windows for each (begin, end, size, step, row, column).

    The windows go over a slice of start, start + 1, …, so that each value tells its place.
    """
    function = task(module, "windows")
    base = _arange(start, start + count, dtype=_float32)
    seen = []
    for begin, end, size, step, row, column in calls:
        found = function(_get(base, slice(begin, end)), size, step)
        seen.append((_tuple(_size(found)), _item(_get(found, (row, column))), _type(found) in _PLAIN))
    return seen
