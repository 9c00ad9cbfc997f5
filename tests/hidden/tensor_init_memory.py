"""Whose memory a result has: an array's, its own, or that of the result before."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from grader.judge import boolean, dtype, exactly, expect, sequence, shape

DTYPES = (
    *(torch.float32, torch.float64, torch.float16, torch.complex64),
    *(torch.bool, torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64),
)


def three(fresh, kind: torch.dtype, *sizes: int) -> tuple[Tensor, Tensor, Tensor]:
    """Three tensors of one dtype, each different from the one before in every element."""
    values = fresh.integers(1, 9, *sizes)
    if kind is torch.bool:
        return values > 5, values <= 5, values > 5
    if kind.is_complex:
        return tuple(torch.complex((values + k).float(), (k - values).float()).to(kind) for k in (0, 20, 40))
    part = 0.25 if kind.is_floating_point else 0
    return tuple((values + k + part).to(kind) for k in (0, 20, 40))


def fields(value: Any, *names: str) -> Mapping[str, Any]:
    """A dict that holds these keys."""
    expect(isinstance(value, dict) and all(name in value for name in names), "the observations are not readable")
    return value


def shares(student, fresh, kind: torch.dtype, layout: str, *sizes: int) -> None:
    """A write on either side of `share_array` shows on the other."""
    values, by_array, by_tensor = three(fresh, kind, *sizes)
    names = ("first", "after_array", "array", "turned")
    seen = fields(student.probe("writes_through", values, layout, by_array, by_tensor), *names)
    _kept(seen["first"], kind)
    more = {"a 0-d array gets a dimension more": values.reshape(1)} if not sizes else {}
    exactly(seen["first"], values, near=more, what="the tensor")
    if not sizes:  # torch.asarray copies a single number, and is right otherwise
        return
    copied = f"a copy of {'a strided' if layout != 'contiguous' else 'the'} array, where its memory is to be shared"
    exactly(seen["after_array"], by_array, near={copied: values}, what="the tensor after a write to the array")
    array = seen["array"]
    expect(isinstance(array, np.ndarray), "the observations are not readable")
    unseen = "a write to the tensor does not show in the array"
    expect(array.shape == by_tensor.shape and np.array_equal(array, by_tensor.numpy()), unseen, copied)
    known = {"an array that begins at the same address is taken for one that was shared before": by_tensor}
    turned = by_tensor.permute(*reversed(range(len(sizes))))
    exactly(seen["turned"], turned, near=known, what="the tensor of the transposed array")


def _kept(value: Any, kind: torch.dtype) -> None:
    known = {torch.float32: "made float32, where the array's dtype is to be kept"}
    known |= {torch.float64: "made float64, where the array's dtype is to be kept"}
    dtype(value, kind, near={sentence: wrong for wrong, sentence in known.items()})


def copies(student, fresh, kind: torch.dtype, layout: str, *sizes: int, **options: Any) -> None:
    """`copy_array` holds what the array held, and keeps it; the array is left alone."""
    values, other, _ = three(fresh, kind, *sizes)
    wanted = options.get("dtype") or kind
    names = ("first", "left", "writable", "after", "again")
    seen = fields(student.probe("copy_and_writes", values, layout, other, options), *names)
    if options.get("dtype") is None:
        _kept(seen["first"], kind)
    dtype(seen["first"], wanted, near={"the dtype asked for is ignored": kind})
    exactly(seen["first"], values.to(wanted), what="the copy")
    left = seen["left"]
    expect(isinstance(left, np.ndarray) and np.array_equal(left, values.numpy()), "the array was written to")
    locked = "the array is made read-only, where it is to be left as it is"
    expect(boolean(seen["writable"]), "the array can't be written to after the call", locked)
    shared = "no copy but the array's own memory: a later write to the array shows in the tensor"
    exactly(seen["after"], values.to(wanted), near={shared: other.to(wanted)}, what="the copy after a later write")
    known = {"an array that was copied before is not looked at again": values.to(wanted)}
    exactly(seen["again"], other.to(wanted), near=known, what="a second copy, after the array was overwritten,")


def new_each_time(student, right: Tensor, *args: Any) -> None:
    """What is written to one element shows in no other, nor in the next result, which is `right`."""
    written = right.clone()
    written[0, 0] = 0
    first, again = sequence(student.probe("two_in_turn", student.task, *args), 2)
    seen = dtype(shape(first, tuple(right.shape)), right.dtype)
    alone = torch.equal(seen.data, written)
    expect(alone, "a write to one element shows in others", "elements share their memory: the result is expanded")
    shared = {"the results of two calls share their memory: what is written to one shows in the other": written}
    exactly(again, right, near=shared, what="a second result, after a write to the first,")
