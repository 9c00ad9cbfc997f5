"""What `describe` says of a tensor, and that it leaves it as it was."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from grader.confined.values import OnDevice, Seen
from grader.judge import (
    boolean,
    described,
    exactly,
    expect,
    integer,
    sequence,
    tensor,
)

KEYS = ("shape", "dtype", "device", "requires_grad", "is_leaf", "item")


def described_and_left(student, values: Tensor | OnDevice) -> Any:
    """What is said of a tensor, which is left as it is."""
    value, left = sequence(student.probe("description", values), 2)
    plain = values.tensor if isinstance(values, OnDevice) else values
    _left(left, plain, plain.requires_grad, True)
    return value


def product_described_and_left(student, values: Tensor, factor: float) -> Any:
    """The same for `factor` times a leaf that asks for gradients."""
    value, left = sequence(student.probe("description_of_product", values, factor), 2)
    _left(left, values * factor, True, False)
    return value


def _left(value: Any, before: Tensor, grad: bool, leaf: bool) -> None:
    left = tensor(value, "the tensor after the call")
    same = (left.shape, left.stride, left.dtype) == (tuple(before.shape), before.stride(), before.dtype)
    expect(same, "the tensor has another shape or other strides after the call", "the tensor itself is reshaped")
    kept = torch.equal(left.data, before.detach())
    expect(kept, "the tensor holds other values after the call", "the tensor itself is written to")
    flags = (left.requires_grad, left.is_leaf) == (grad, leaf)
    switched = "the tensor itself is detached, or its requires_grad is switched"
    expect(flags, "requires_grad or is_leaf of the tensor is another after the call", switched)


def facts(value: Any, sizes: tuple[int, ...], kind: torch.dtype, device: str, grad: bool, leaf: bool) -> None:
    """A description that says this."""
    said = description(value)
    form = said["shape"]
    expect(isinstance(form, tuple), f"shape is {described(form)}, not a tuple", "shape is not a tuple")
    expect([integer(n, "a size") for n in form] == list(sizes), f"shape is {form}, which the tensor does not have")
    expect(isinstance(said["dtype"], torch.dtype), f"dtype is {described(said['dtype'])}", "dtype is no torch.dtype")
    exactly(said["dtype"], kind, what="dtype")
    place = said["device"]
    expect(type(place) is str, f"device is {described(place)}, not a str", "device is not a str")
    wrong = "device is always cpu, or not read from the tensor"
    expect(place in (device, f"{device}:0"), f"device is {place!r}, where the tensor is not", wrong)
    _flag(said["requires_grad"], grad, "requires_grad")
    _flag(said["is_leaf"], leaf, "is_leaf", "is_leaf taken for requires_grad, or for its opposite")


def description(value: Any) -> Mapping[str, Any]:
    expect(isinstance(value, dict), f"the result is {described(value)}, not a dict")
    lacking = ", ".join(key for key in KEYS if key not in value)
    expect(not lacking, f"the dict lacks {lacking}", "a key is missing")
    return value


def _flag(value: Any, wanted: bool, name: str, diagnosis: str | None = None) -> None:
    seen = boolean(value, name)
    expect(seen == wanted, f"{name} is {seen}, which is not so", diagnosis or f"{name} is not read from the tensor")


def item_is(value: Any, wanted: complex) -> None:
    said, kind = description(value)["item"], type(wanted)
    expect(
        type(said) is kind, f"item is {described(said)}, for a tensor whose element is {kind.__name__}", form_of(said)
    )
    expect(said == wanted, "item is not the number that the tensor holds")


def form_of(said: Any) -> str | None:
    if isinstance(said, Seen):
        return "a tensor, where a Python number is meant"
    if said is None:
        return "None for a tensor that has exactly one element"
    forms = {np.ndarray: "a NumPy number", list: "a list", str: "text", float: "a float, whatever the dtype"}
    forms |= {bool: "True or False", int: "an int, whatever the dtype"}
    return next((f"{form}, where item() is meant" for of, form in forms.items() if isinstance(said, of)), None)


def trainable(value: Any) -> Seen:
    """A leaf that asks for gradients."""
    seen = tensor(value)
    expect(seen.requires_grad, "the weight does not ask for gradients", "requires_grad is forgotten")
    computed = "the weight was computed from, or moved after, the tensor that asks for gradients"
    expect(seen.is_leaf, "the weight is not a leaf, so an optimizer refuses it", computed)
    return seen
