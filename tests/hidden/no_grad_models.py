"""Random models for the checks of no_grad, and judgements that several tasks have in common."""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from probes.no_grad import model_of
from torch import Tensor

from grader.confined.values import Seen
from grader.fresh import Fresh
from grader.judge import dtype, expect, knowing, shape, tensor
from grader.student import Student
from grader.verdicts import Failed

Members = list[list[Any]]

RAISES = {  # words of messages, and what they mean here
    "a leaf Variable that requires grad": "written in place while autograd looks on: torch.no_grad() is missing",
    "modified by an inplace operation": "a tensor that its graph still needs is written to",
    "Can't call numpy() on Tensor that requires grad": "numpy() without detach()",
    "Got unsupported ScalarType": "NumPy does not know every dtype of torch",
    "only change requires_grad flags of leaf": "requires_grad is set on tensors that are no leaves",
    "has no len()": "a list is taken for granted, where any iterable may come",
    "not subscriptable": "a list is taken for granted, where any iterable may come",
    "an empty list": "a list is taken for granted: a generator is used up after one pass",
    "a non-empty TensorList": "a list is taken for granted: a generator is used up after one pass",
    "only Tensors of floating point": "a tensor of integers is treated as if it had a gradient",
    "result type Float can't be cast": "integers are averaged like weights",
    "same device": "mixes tensors of two devices",
    "does not require grad": "what is computed has no graph",
    "unsupported operand type(s)": "a gradient that is None is used",
    "must be Tensor, not NoneType": "a gradient that is None is used",
    "has no attribute": "a gradient that is None is used",
}


def observed(student: Student, probe: str, *args: Any, **kwargs: Any) -> Any:
    """The observations of a probe; a well-known exception gets its sentence."""
    with knowing(RAISES):
        return student.probe(probe, *args, **kwargs)


def sketch(
    fresh: Fresh, trainable: str = "mixed", kind: torch.dtype = torch.float32, ties: bool = True, strided: bool = True
) -> Members:
    """A model with nested modules, Parameters of all layouts, buffers of several dtypes, some modules in eval mode.

    With ties, a Parameter and a module stand in it under two names.
    """
    a, b, c = fresh.sizes(3, 2, 5)
    outer, inner, last = fresh.python.sample(["encoder", "block", "decoder", "layers", "body", "aa", "zz"], 3)

    def flag() -> bool:
        return {"all": True, "none": False}.get(trainable, bool(fresh.integer(0, 1)))

    members: Members = [
        [f"{outer}.weight", "parameter", fresh.normal(a, b, dtype=kind), flag()],
        [f"{outer}.running", "buffer", fresh.normal(b, dtype=kind), True],
        [f"{outer}.steps", "buffer", fresh.integers(1, 900, 1)[0], True],
        [f"{outer}.{inner}.weight", "parameter", fresh.normal(b, c, dtype=kind).t(), flag()],
        [f"{outer}.{inner}.bias", "parameter", fresh.normal(1, dtype=kind), flag()],
        [f"{outer}.{inner}.table", "buffer", fresh.integers(-9, 9, 2, c), True],
        [f"{last}.0.gain", "parameter", fresh.normal(c, dtype=kind), trainable != "none"],
        [f"{last}.0.offset", "parameter", fresh.normal(2 * a, dtype=kind)[::2], trainable == "all"],
        [f"{last}.0.mask", "buffer", fresh.normal(c) > 0, True],
        [f"{last}.1.empty", "parameter", fresh.normal(0, b, dtype=kind), flag()],
        ["scale", "parameter", fresh.normal(dtype=kind), flag()],
        [f"{outer}.{inner}", "eval"],
        *([[last, "eval"]] if fresh.integer(0, 1) else [["", "eval"]]),
    ]
    if not strided:
        members = [[m.contiguous() if isinstance(m, torch.Tensor) else m for m in member] for member in members]
    tied: Members = [
        [f"{last}.tied", "tied", f"{last}.0.gain"],
        ["also", "tied", f"{outer}.weight"],
        [f"{last}.again", "again", f"{outer}.{inner}"],
    ]
    return members + tied if ties else members


def twin(fresh: Fresh, members: Members, trainable: str) -> Members:
    """A model of the same names and shapes with other contents and flags."""
    other: Members = []
    for name, kind, *details in members:
        if kind == "parameter":
            value, flag = details[0], {"all": True, "none": False}.get(trainable, bool(fresh.integer(0, 1)))
            other.append([name, kind, fresh.normal(*value.shape, dtype=value.dtype), flag])
        elif kind == "buffer":
            other.append([name, kind, _another(fresh, details[0]), details[1]])
        elif kind != "eval" or fresh.integer(0, 1):
            other.append([name, kind, *details])
    return other


def _another(fresh: Fresh, value: Tensor) -> Tensor:
    """Other contents for a buffer."""
    if value.dtype == torch.bool:
        return ~value
    if value.is_floating_point():
        return fresh.normal(*value.shape, dtype=value.dtype)
    return value + fresh.integers(1, 99, *value.shape)


def contents(members: Members, kind: str) -> dict[str, Tensor]:
    """The Parameters or the buffers of a description, each under its own name."""
    return {name: details[0] for name, found, *details in members if found == kind}


def gradients_for(fresh: Fresh, members: Members) -> dict[str, Tensor]:
    """Gradients for some of the trainable Parameters."""
    found = [(name, value) for name, value in model_of(members).named_parameters() if value.requires_grad]
    return {name: fresh.normal(*value.shape, dtype=value.dtype) for name, value in found[::2]}


# Judgements


def alike(seen: Tensor, expected: Tensor, ulps: float = 16) -> bool:
    """Equal up to rounding, where what was added up is of order 1 or more: the sum may be near 0."""
    if seen.shape != expected.shape or not seen.is_floating_point():
        return False
    largest = max([1.0, *expected.abs().flatten().tolist()])
    return bool(((seen.double() - expected.double()).abs() <= ulps * torch.finfo(seen.dtype).eps * largest).all())


Near = Callable[[], Mapping[str, Tensor]]  # sentence to what that mistake gives, asked for only when something is wrong


def right(value: Any, expected: Tensor, kind: torch.dtype, what: str, near: Near = dict, ulps: float = 16) -> Seen:
    """A tensor of this dtype with the values of a float64 reference."""
    seen = tensor(value, what)
    if seen.shape != tuple(expected.shape):
        shape(value, tuple(expected.shape), what, near())
    dtype(seen, kind, what, near={"the dtype is not kept": seen.dtype})
    if not alike(seen.data, expected, ulps):
        sentence = next((words for words, other in near().items() if alike(seen.data, other, ulps)), None)
        raise Failed(f"{what} has wrong values" if not seen.data.isnan().any() else f"{what} holds NaN", sentence)
    return seen


def equal(value: Any, expected: Tensor) -> bool:
    """A tensor of this dtype, shape and these values."""
    seen = tensor(value)
    return seen.dtype == expected.dtype and torch.equal(seen.data, expected)


def all_equal(values: Any, expected: Mapping[str, Tensor], message: str, diagnosis: str) -> None:
    """Every named tensor holds exactly this."""
    for name, other in expected.items():
        found = isinstance(values, dict) and isinstance(values.get(name), Seen)
        expect(found and equal(values[name], other), f"{message}: {name}", diagnosis)


def gradients_kept(found: Any, given: Mapping[str, Tensor], whose: str, diagnosis: str | None = None) -> None:
    """Every Parameter has the gradient that it had, or none."""
    expect(isinstance(found, dict), "the gradients are missing")
    for name, gradient in found.items():
        before = given.get(name)
        same = gradient is None if before is None else isinstance(gradient, Seen) and equal(gradient, before)
        wrong = diagnosis or f"the call changes the gradients of {whose}"
        expect(same, f"the .grad of {name} of {whose} is another afterwards", wrong)


def grad_mode_kept(kept: Any) -> None:
    wrong = "the grad mode is switched and never put back"
    expect(kept is True, "torch.is_grad_enabled() is another after the call", wrong)


def flags_kept(pair: Any, whose: str, only: tuple[str, ...] = ("training", "requires_grad")) -> None:
    """`training` and `requires_grad` are what they were."""
    words = {
        "training": f"the mode of {whose} is changed: eval() has nothing to do with gradients",
        "requires_grad": f"requires_grad of {whose} is changed",
    }
    for key in only:
        expect(pair[0][key] == pair[1][key], f"`{key}` of {whose} is another after the call", words[key])
