"""Comparing what a submission's loops did with what they should do, and naming the mistake behind a difference."""

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import torch
from hidden.training_loop_references import STEP_WAYS, Batch, Plan, State, walk
from probes.training_loop import model_of
from torch import Tensor

from grader.confined.observing import Journal, flags
from grader.confined.values import Seen
from grader.judge import described, expect, knowing, number, sequence, tensor
from grader.verdicts import Failed

TOLERANCE = 2e-5  # float32 over a few steps; and clipping with 1e-6 beside the norm
WRITTEN = "inputs or targets are written to"
USED_UP = "nothing is added up: an iterable is gone through once, and a generator is empty the second time"
GRAD_MODE = "gradients are switched off or on for everything that follows"

Steps = list[tuple[float, State]]
Near = Callable[[], Mapping[str, float]]
Ways = Mapping[str, Callable[[], Iterable[tuple[float, State]]]]


# Numbers and tensors


def alike(value: Any, expected: float | Tensor) -> bool:
    """Equal up to float32 rounding, where what was added up is of the expected size or of order 1."""
    a = torch.as_tensor(value.data if isinstance(value, Seen) else value)
    b = torch.as_tensor(expected)
    if a.shape != b.shape or a.is_complex():
        return False
    a, b = a.double(), b.double()
    largest = max([1.0, *b.abs().flatten().tolist()])
    return bool(((a - b).abs() <= TOLERANCE * largest).all())


def real(value: Any, what: str) -> float:
    """A Python float; an int or a NumPy number will do."""
    if isinstance(value, Seen):
        raise Failed(f"{what} is {described(value)}, not a float", "a tensor where a Python float is promised")
    return float(number(value, what))


def expect_number(value: Any, expected: float, what: str, near: Callable[[], Mapping[str, float]]) -> None:
    found = real(value, what)
    if not alike(found, expected):
        sentence = next((sentence for sentence, other in near().items() if alike(found, other)), None)
        kind = "NaN" if found != found else "wrong"
        raise Failed(f"{what} is {kind}: {found:.6g}", sentence)


def scalar(value: Any, what: str = "the loss") -> float:
    """The value of a scalar tensor."""
    if isinstance(value, (int, float)):
        wrong = "the loss is read back to Python: a tensor is promised" if value else USED_UP
        raise Failed(f"{what} is a Python number, not a tensor", wrong)
    seen = tensor(value, what)
    wrong = "the loss of each sample, not their mean" if seen.data.numel() != 1 else "a scalar has no dimensions"
    expect(seen.data.shape == (), f"{what} has shape {seen.shape}: it is no scalar", wrong)
    expect(seen.data.is_floating_point(), f"{what} has dtype {seen.dtype}")
    return float(seen.data)


def detached(value: Any, what: str = "the loss") -> None:
    wrong = "the loss is not detached: it keeps its graph alive"
    expect(not tensor(value, what).requires_grad, f"{what} requires a gradient", wrong)


def same_state(seen: Any, expected: State) -> bool:
    return not _differing(seen, expected)


def _differing(seen: Mapping[str, Any], expected: State) -> list[str]:
    expect(isinstance(seen, Mapping) and set(seen) == set(expected), "the model has other parameters than before")
    return [name for name, other in expected.items() if not alike(seen[name], other)]


def one_call_each(calls: Any, count: int) -> None:
    """The model was called once for each batch."""
    seen = len(sequence(calls, None, "the calls"))
    wrong = "the model is called more than once in a step" if seen > count else None
    expect(seen == count, f"the model is called {seen} times in {count} steps", wrong)


# Steps


def follows(losses: Any, states: Any, expected: Steps, ways: Ways, other: list[Near] | None = None) -> None:
    """The right loss and state after each step. `other`: what else is taken for the loss of a step."""
    losses = [scalar(loss) for loss in sequence(losses, len(expected), "the losses")]
    states = sequence(states, len(expected), "the states")
    for k, (_, state) in enumerate(expected):
        if names := _differing(states[k], state):
            finite = all(bool(tensor(states[k][name]).data.isfinite().all()) for name in names)
            what = f"{', '.join(names[:3])} of the model" + ("" if finite else ", where NaN or inf stands")
            raise Failed(f"wrong after call {k + 1}: {what}", _mistake(losses, states, ways))
    for k, (loss, _) in enumerate(expected):
        if not alike(losses[k], loss):
            near = other[k]() if other else {}
            sentence = next((sentence for sentence, value in near.items() if alike(losses[k], value)), None)
            raise Failed(f"the loss of call {k + 1} is wrong", sentence or _mistake(losses, states, ways, exact=True))


def _mistake(losses: list[float], states: list[Any], ways: Ways, exact: bool = False) -> str | None:
    """The known way that leads to the same states, and best, or if `exact`, to the same losses, too."""
    found = [(sentence, steps) for sentence, steps in _walked(ways) if _same_states(states, steps)]
    for sentence, steps in found:
        if all(alike(loss, other) for loss, (other, _) in zip(losses, steps, strict=True)):
            return sentence
    return found[0][0] if found and not exact else None


def mistake_of_states(states: list[Any], ways: Ways) -> str | None:
    """The known way that leads to the same states."""
    return next((sentence for sentence, steps in _walked(ways) if _same_states(states, steps)), None)


def _same_states(states: list[Any], steps: Steps) -> bool:
    return all(same_state(seen, state) for seen, (_, state) in zip(states, steps, strict=True))


def _walked(ways: Ways) -> Iterator[tuple[str, Steps]]:
    for sentence, way in ways.items():
        with contextlib.suppress(RuntimeError, ValueError, IndexError):
            yield sentence, list(way())


def step_ways(plan: Plan, batches: list[Batch], stale: State) -> Ways:
    ways: dict[str, Any] = {
        sentence: lambda way=way: walk(plan, batches, stale, way) for sentence, way in STEP_WAYS.items()
    }
    doubled = [batch for batch in batches for _ in range(2)]
    return ways | {"two whole steps are made, where one is meant": lambda: list(walk(plan, doubled, stale))[1::2]}


def modes_of(plan: Plan) -> list[bool]:
    return [module.training for module in model_of(plan, Journal()).modules()]


def same_settings(changed: Any) -> None:
    """What holds for all code that runs afterwards is as it was, and so is the loss function."""
    names = [str(name) for name in sequence(changed, None, "the list of settings")]
    own = [name for name in names if name.endswith(" of loss_fn")]
    expect(not own, f"another {', '.join(own)} afterwards", "loss_fn is changed: its modes and flags are to stay")
    wrong = GRAD_MODE if "grad mode" in names else "a setting of torch is changed for everything that follows"
    expect(not names, f"another {', '.join(names)} of torch afterwards", wrong)


def same_flags(seen: Any, plan: Plan, *kinds: str) -> None:
    """Modes, requires_grad or both are those of the plan's model as it is built."""
    before = flags(model_of(plan, Journal()))
    sentences = {
        "training": ("modes of the model are others afterwards", "the mode of the model is changed: it is to stay"),
        "requires_grad": ("requires_grad of a parameter is another afterwards", "requires_grad is changed"),
    }
    for kind in kinds or sentences:
        expect(isinstance(seen, Mapping) and seen.get(kind) == before[kind], *sentences[kind])


def equal(value: Any, expected: Tensor) -> bool:
    """A tensor of this dtype, shape and these values."""
    seen = tensor(value)
    return seen.dtype == expected.dtype and torch.equal(seen.data, expected)


def untouched(batches: Any, given: list[Batch]) -> None:
    """Inputs and targets hold what they held."""
    seen_batches = sequence(batches)
    expect(len(seen_batches) == len(given), "the list of batches is another afterwards", WRITTEN)
    for seen, batch in zip(seen_batches, given, strict=True):
        for part, other in zip(sequence(seen, len(batch)), batch, strict=True):
            expect(equal(part, other), "inputs or targets hold other values afterwards", WRITTEN)
            wrong = "requires_grad of inputs or targets is changed"
            expect(part.requires_grad == other.requires_grad, "inputs or targets require a gradient afterwards", wrong)


# Exceptions


def observed(student: Any, name: str, *args: Any, known: Mapping[str, str]) -> Any:
    """The observations of a probe. `known`: words of messages, and what they mean here."""
    with knowing(known):
        return student.probe(name, *args)


NO_GRADIENT = "a parameter without a gradient is not thought of: frozen ones have None"
NO_LENGTH = "a loader need not have a length or a dataset: any iterable will do"
KNOWN = {
    "NoneType": NO_GRADIENT,
    "'float' object has no attribute": USED_UP,
    "'int' object has no attribute": USED_UP,
    "has no len()": NO_LENGTH,
    "'dataset'": NO_LENGTH,
    "not subscriptable": "a loader need not have positions: any iterable will do",
    "does not require grad": "backward has no graph: gradients are off or the loss is cut from its graph",
    "require gradients": "backward has no graph: gradients are off or the loss is cut from its graph",
    "a second time": "backward goes through a graph a second time",
    "must have the same dtype": "everything is taken to be float32",
    "same dtype": "everything is taken to be float32",
    "expected scalar type": "the arguments of loss_fn are in the wrong order, or their dtype is changed",
    "Found dtype": "everything is taken to be float32",
    "division by zero": "the number of samples, epochs or batches is taken from the wrong place: it is 0 there",
    "referenced before assignment": "a name gets its value in a loop that need not run: there may be no step",
    "not associated with a value": "a name gets its value in a loop that need not run: there may be no step",
    "cannot be broadcast": "shapes are mixed up",
    "must match the size": "shapes are mixed up",
    "target size": "the arguments of loss_fn are in the wrong order, or the targets are changed",
}
