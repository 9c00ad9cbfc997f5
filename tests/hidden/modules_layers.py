"""How a class of modules is judged: what it registers, what it computes with given weights, how it learns."""

from collections.abc import Callable, Iterator, Mapping
from itertools import combinations
from typing import Any

import torch
from hidden.modules_references import SHARED, Forward, Weights
from torch import Tensor

from grader.confined.values import Seen, tensors_in
from grader.judge import dtype, expect, knowing, on, sequence, shape, tensor
from grader.verdicts import Failed

ULPS = 256  # a few products of small matrices in a row

PLAIN_LIST = "the layers sit in a plain Python list or attribute, so the module does not know them"
IN_FORWARD = "the layers are built in forward, anew for each call"
COPIES = "the layers are copies of one another: they start with the same weights"
UNINITIALISED = "the memory of the weights is never initialised"
FEW_VALUES = "the weights are drawn from so few values, as from two signs, that some maps start alike"
ONE_NUMBER = "initial values are not finite where there is one number only, whose std() is NaN"
CUT = "no gradient gets there: the graph is cut or the tensor unused"
PARTLY_CUT = "the outputs are right, their gradients are not: a part of the graph is cut off or doubled"
BESIDES = "more Parameters are registered than take part: an optimizer and a state_dict get them, too"
WRITTEN = "forward writes to its input"
REMEMBERED = "the output of an earlier call is remembered: weights and input may have new values in the same tensors"
STALE = "weights of an earlier call in eval mode are kept: they may have been loaded or changed since"
RESEEDED = "torch's generator is seeded: models start alike, and whatever is drawn afterwards is the same each time"
TWO_MODES = "the output depends on the mode, train() or eval(): nothing in this module does"
VIEWED = {"view size is not compatible": "view() takes no transposed or sliced input: reshape() takes any"}


# What a module registers


def registered(student: Any, sizes: Any, shapes: Mapping[str, tuple[int, ...]], **containers: str) -> Mapping[str, Any]:
    """The layout of a module whose parameters are exactly these, trainable and each with a storage of its own."""
    seen = student.probe("layout", student.task, sizes, containers)
    parameters = seen["parameters"]
    missing = [name for name in shapes if name not in parameters]
    if missing:
        expect(False, f"no Parameter is called {missing[0]!r}: {_known(parameters)}", why_missing(student, sizes, seen))
    extra = [name for name in parameters if name not in shapes]
    expect(
        not extra, f"the module has Parameters besides those of the docstring: {', '.join(extra[:5])[:200]}", BESIDES
    )
    all_sound(seen, shapes)
    for name, kind in containers.items():
        expect(seen["containers"][name], f"the attribute {name} is not an nn.{kind}")
    return seen


def _known(parameters: Mapping[str, Any]) -> str:
    return f"the module knows {', '.join(parameters)[:200]}" if parameters else "the module knows no Parameter at all"


def why_missing(student: Any, sizes: Any, seen: Mapping[str, Any]) -> str | None:
    if seen["parameters"]:
        return "Parameters are registered under other names than the docstring's"
    if seen["buffers"]:
        return "buffers instead of Parameters: nothing can be trained"
    width = next(iter(sizes.values() if isinstance(sizes, dict) else sizes), 128)
    outputs = student.outcome("twice", student.task, sizes, torch.ones(2, width))
    if isinstance(outputs, list) and len(outputs) == 2:
        first, second = (tensors_in(output) for output in outputs)
        if any(a.shape == b.shape and not torch.equal(a.data, b.data) for a, b in zip(first, second, strict=False)):
            return IN_FORWARD
    return "plain tensors, not Parameters" if student.task == "StackedLinears" else PLAIN_LIST


def all_sound(seen: Mapping[str, Any], shapes: Mapping[str, tuple[int, ...]]) -> None:
    """Right shapes, finite, trainable, and no storage twice."""
    for name, wanted in shapes.items():
        parameter = shape(seen["parameters"][name], wanted, f"the Parameter {name}")
        expect(parameter.data.is_floating_point(), f"{name} has dtype {parameter.dtype}")
        wrong = UNINITIALISED if parameter.data.numel() > 1 else ONE_NUMBER
        expect(bool(parameter.data.isfinite().all()), f"{name} starts with values that are not finite", wrong)
        expect(parameter.requires_grad, f"{name} is not trainable", "a Parameter that is frozen from the start")
    alike_ones = zip(seen["parameters"], seen["alike"], strict=False)
    shared = [name for name, number in alike_ones if seen["alike"].count(number) > 1]
    kinds = [{name.rpartition(".")[2] for name in names} for names in (shared, shapes)]
    wrong = SHARED if kinds[0] == kinds[1] else "a Parameter of one layer is that of another one, too"
    expect(not shared, f"some Parameters share their memory: {', '.join(shared[:3])[:200]}", wrong)


def start_differently(weights: list[Any]) -> None:
    """No two of these tensors are equal."""
    for one, other in combinations(weights, 2):
        expect(not torch.equal(one.data.double(), other.data.double()), "some layers start with equal weights", COPIES)


# What it computes, and how it learns


def drawn(fresh: Any, shapes: Mapping[str, tuple[int, ...]]) -> dict[str, Tensor]:
    """Random contents; weights so scaled that activations stay of order 1."""
    return {
        name: fresh.normal(*size) / max(1, size[-1] if len(size) > 1 else 1) ** 0.5 for name, size in shapes.items()
    }


def wide(weights: Weights) -> dict[str, Tensor]:
    return {name: value.double() for name, value in weights.items()}


def layouts(fresh: Any, dim: int) -> list[Tensor]:
    """Inputs (B, dim) in every condition: plain, of one row, empty, transposed, sliced, expanded, large in float64."""
    batch = fresh.integer(3, 6)
    plain = [fresh.normal(batch, dim), fresh.normal(1, dim), fresh.normal(0, dim)]
    strided = [fresh.normal(dim, batch).t(), fresh.normal(batch, 2 * dim)[:, ::2], fresh.normal(1, dim).expand(4, dim)]
    return [*plain, *strided, 99 * fresh.normal(batch, dim, dtype=torch.float64)]


def sequences(fresh: Any, dim: int) -> list[Tensor]:
    """Inputs (B, T, dim): plain, without a position, with B and T exchanged in memory; one vector, and four dims."""
    batch, length = fresh.sizes(2, 2, 5)
    plain = [fresh.normal(*size, dim) for size in [(batch, length), (2, 0), (), (2, batch, length)]]
    return [*plain, fresh.normal(length, batch, dim).transpose(0, 1)]


def outputs_of(student: Any, sizes: Any, state: Weights, inputs: list[Tensor]) -> Iterator[tuple[Any, Tensor]]:
    """(output, input) pairs of a module with this state; the inputs must be as before.

    The first input goes in alone, as writing to a later, expanded one would raise; then once more, in eval mode.
    """
    first = None
    for some, training in ((inputs[:1], True), (inputs, False)):
        with knowing(VIEWED):
            value = student.probe("loaded", student.task, sizes, dict(state), some, training)
        for reply, x in zip(sequence(value, len(some), "the reply"), some, strict=True):
            output, after = sequence(reply, 2)
            expect(equal(after, x), "the input holds other values after forward", WRITTEN)
            if training:
                first = output
            elif x is inputs[0]:
                expect(_same(output, first), "the output is another in eval mode than in training mode", TWO_MODES)
            yield output, x


def _same(one: Any, other: Any) -> bool:
    """Tensors of equal shapes and values, up to rounding."""
    found, again = tensors_in(one), tensors_in(other)
    return len(found) == len(again) and all(alike(a.data, b.data.double()) for a, b in zip(found, again, strict=True))


def right(
    value: Any,
    expected: Tensor,
    x: Tensor,
    mistakes: Callable[[], Mapping[str, Tensor]] = dict,
    what: str = "the output",
) -> None:
    """Values as computed in float64, in the dtype of the input."""
    if isinstance(value, Seen) and value.shape != tuple(expected.shape):
        near = {
            **mistakes(),
            "the values are right, but dims of the input are merged, lost or added": _as(expected, value),
        }
        sentence = next((sentence for sentence, other in near.items() if alike(value.data, other)), None)
        raise Failed(f"{what} has shape {value.shape}, which is not the shape that the docstring promises", sentence)
    seen = dtype(tensor(value, what), x.dtype, what)
    if not alike(seen.data, expected):
        sentence = next((sentence for sentence, other in mistakes().items() if alike(seen.data, other)), None)
        kind = "NaN" if seen.data.isnan().any() else "wrong values"
        raise Failed(f"{what} holds {kind} for an input of shape {tuple(x.shape)}", sentence)


def _as(expected: Tensor, value: Seen) -> Tensor:
    """The expected values in the shape of the reply, where it has as many."""
    return expected.reshape(value.shape) if value.data.numel() == expected.numel() else expected


def alike(seen: Tensor, expected: Tensor) -> bool:
    """Equal up to rounding, where what was added up is of order 1: the sum may be near 0."""
    if seen.shape != expected.shape or not seen.is_floating_point():
        return False
    largest = max([1.0, *expected.abs().flatten().tolist()])
    return bool(((seen.double() - expected).abs() <= ULPS * torch.finfo(seen.dtype).eps * largest).all())


def equal(value: Any, expected: Tensor) -> bool:
    """A tensor of this dtype, shape and these values."""
    seen = tensor(value)
    return seen.dtype == expected.dtype and torch.equal(seen.data, expected)


def pieces_of(value: Any, count: int) -> list[Any]:
    """One output, or the items of several."""
    return sequence(value, count, "the output") if isinstance(value, (tuple, list)) else [value]


def learned(
    student: Any,
    sizes: Any,
    shapes: Mapping[str, tuple[int, ...]],
    forwards: list[Forward],
    x: Tensor,
    cotangents: list[Tensor],
) -> None:
    """Outputs, every gradient, the outputs after a step of SGD, and those of a second module with the same state.

    After the step the same input goes in again, once as it was and once with new values. In eval mode a third module,
    to which the weights are written between two calls, must agree with the second one.
    Of several `forwards` that are right, the one that agrees with the outputs is followed.
    """
    rate = 0.25
    reply = student.probe("learns", student.task, sizes, x, cotangents, rate)
    expect(set(reply["before"]) == set(shapes), "a second module has other Parameters than the first")
    before = {name: shape(reply["before"][name], wanted, name).data for name, wanted in shapes.items()}
    weights = {name: value.double().requires_grad_() for name, value in before.items()}
    given = x.double().requires_grad_()
    expected = followed(forwards, weights, given, reply["outputs"])
    for seen, other in zip(sequence(reply["outputs"], len(expected), "the output"), expected, strict=True):
        right(seen, other.detach(), x)
    expect("gradients" in reply, "the observations of a step of SGD are missing")
    expect(not reply["reseeded"], "torch's global generator has another seed afterwards", RESEEDED)
    loss = torch.stack(
        [(piece * other.double()).sum() for piece, other in zip(expected, cotangents, strict=True)]
    ).sum()
    gradients = torch.autograd.grad(loss, [*weights.values(), given])
    for name, gradient in zip(weights, gradients, strict=False):
        _gradient(reply["gradients"].get(name), gradient, f"the gradient of {name}")
    _gradient(reply["input_gradient"], gradients[-1], "the gradient of the input")
    with torch.no_grad():
        stepped = {name: value - rate * g for (name, value), g in zip(weights.items(), gradients, strict=False)}
        after = followed(forwards, stepped, x.double(), reply["after"])
        negated = followed(forwards, stepped, -x.double(), reply["negated"])
    for seen, other, old in zip(pieces_of(reply["after"], len(after)), after, expected, strict=True):
        right(seen, other, x, remembered(old.detach()), "the output after a step of SGD")
    for seen, other, old in zip(pieces_of(reply["negated"], len(after)), negated, after, strict=True):
        right(seen, other, x, remembered(old), "the output after new values were written to the same input")
    for seen, other in zip(pieces_of(reply["twin"], len(after)), after, strict=True):
        right(seen, other, x, what="the output of a second module that loaded the state_dict")
    told = "in eval mode the output does not follow from the weights that were written to the module since it ran"
    expect(_same(*sequence(reply["quiet"], 2)), told, STALE)


def remembered(old: Tensor) -> Callable[[], Mapping[str, Tensor]]:
    return lambda: {REMEMBERED: old}


def followed(forwards: list[Forward], weights: Weights, x: Tensor, seen: Any) -> list[Tensor]:
    results = [forward(weights, x) for forward in forwards]
    found = [value.data for value in tensors_in(seen)]
    for result in results:
        if len(found) == len(result) and all(
            a.shape == b.shape and torch.allclose(a.double(), b.detach(), rtol=1e-4, atol=1e-4)
            for a, b in zip(found, result, strict=True)
            if not a.is_complex()
        ):
            return result
    return results[0]


def _gradient(seen: Any, expected: Tensor, what: str) -> None:
    expect(seen is not None, f"{what} is None after backward", CUT)
    seen = shape(seen, tuple(expected.shape), what)
    expect(alike(seen.data, expected), f"{what} has wrong values", PARTLY_CUT)


def moved(student: Any, sizes: Any, state: Weights, x: Tensor) -> tuple[Any, Any]:
    """(output, trace) of a module with this state on the device; everything that it registered is there, too."""
    value, trace = student.traced_probe("on_device", student.task, sizes, dict(state), x, student.device)
    output, tensors = sequence(value, 2)
    for name, seen in tensors.items():
        on(seen, student.device, name)
    return output, trace
