"""Observations of modes: what layers do in each mode, which flags models have before, inside and afterwards.

Models for the functions are built from a description that the grader builds from, too; what they do while they run is
noted in a journal. *Build it* layers are built and run while torch's own raise.
"""

import contextlib
import types
from collections.abc import Callable, Iterator
from typing import Any

import torch
from probes.modes_plans import (
    RAISED,
    Heard,
    Noting,
    Sprung,
    Torn,
    built,
    modes_of,
    patches_of,
    prepared,
    set_modes,
)
from torch import Tensor, nn

from grader import accelerator
from grader.confined.observing import Journal, copied, flags
from grader.confined.probing import ForbiddenFunctions, moved, task

_detach, _requires_grad_, _backward, _stack, _eq = (
    Tensor.detach,
    Tensor.requires_grad_,
    Tensor.backward,
    torch.stack,
    torch.equal,
)
_copy = Tensor.copy_
_named_parameters, _named_buffers = nn.Module.named_parameters, nn.Module.named_buffers
_parameters = nn.Module.parameters
_state_dict, _load = nn.Module.state_dict, nn.Module.load_state_dict
_to, _train, _modules, _submodule = nn.Module.to, nn.Module.train, nn.Module.modules, nn.Module.get_submodule
_requires_grad = vars(torch._C.TensorBase)["requires_grad"].__get__
_Tensor, _isinstance, _hasattr, _setattr, _trace = Tensor, isinstance, hasattr, setattr, accelerator.trace
_set_grad, _is_grad, _ones = torch.set_grad_enabled, torch.is_grad_enabled, torch.ones
_initial_seed, _suppress = torch.initial_seed, contextlib.suppress
_any, _all, _len, _set, _dict, _list, _iter, _type = any, all, len, set, dict, list, iter, type

_BUILT: dict[Any, nn.Module] = {}  # by submission and size: what a speed check built in an earlier request


# Layers


def _in_mode(layer: nn.Module, mode: str) -> None:
    """Change the mode in one of the ways there are."""
    ways: dict[str, Callable[[], Any]] = {
        "train": lambda: layer.train(),
        "eval": lambda: layer.eval(),
        "outer train": lambda: nn.Sequential(layer).train(),
        "outer eval": lambda: nn.ModuleDict({"layer": layer}).eval(),
        "flag on": lambda: _setattr(layer, "training", True),
        "flag off": lambda: _setattr(layer, "training", False),
        "as built": lambda: None,
        "still eval": lambda: None,
    }
    ways[mode]()


def dropped(
    module: types.ModuleType, args: list[Any], kwargs: dict[str, Any], calls: list[tuple[str, bool, Tensor]]
) -> dict[str, Any]:
    """(output, input afterwards) of each call (mode, gradients on, input) of one Dropout; whether torch is reseeded."""
    results, seed = [], _initial_seed()
    with ForbiddenFunctions("dropout"):
        layer = built(module, "Dropout", args, kwargs)
        for mode, grad, x in calls:
            _in_mode(layer, mode)
            with _set_grad(grad):
                results.append((copied(layer(x)), x))
    return {"calls": results, "reseeded": _initial_seed() != seed}


def dropped_often(module: types.ModuleType, cases: list[tuple[float, Tensor, int]]) -> list[Any]:
    """Many outputs of a Dropout in training for each (p, input, times), stacked where they are as large as it."""
    results = []
    with ForbiddenFunctions("dropout"):
        for p, x, times in cases:
            layer = built(module, "Dropout", [p], {})
            outputs = [layer(x) for _ in range(times)]
            alike = _all(_isinstance(output, _Tensor) and output.shape == x.shape for output in outputs)
            results.append(_stack(outputs) if alike else outputs[0])
    return results


def dropped_backward(
    module: types.ModuleType, p: float, calls: list[tuple[bool, Tensor, Tensor]]
) -> list[tuple[Any, Any]]:
    """(output, gradient of the input) for each (mode, input, cotangent)."""
    results = []
    for training, x, cotangent in calls:
        given = _detach(x).requires_grad_()
        with ForbiddenFunctions("dropout"):
            layer = built(module, "Dropout", [p], {})
            _train(layer, training)
            output = layer(given)
            layer(_detach(given))  # whose mask is another
        results.append((copied(output), _gradient(output, cotangent, given)))
    return results


def _gradient(output: Any, cotangent: Tensor, given: Tensor) -> Any:
    """What arrives at the input; None where no graph leads there."""
    if _isinstance(output, _Tensor) and _requires_grad(output):
        _backward((output * cotangent).sum())  # a gradient for backward() would make torch import sympy
    return given.grad


def dropped_on_device(
    module: types.ModuleType, p: float, modes: list[str], x: Tensor, place: str
) -> tuple[list[Any], Any]:
    """(outputs in these modes, trace) of a Dropout that was moved to the device."""
    with ForbiddenFunctions("dropout"):
        layer, x = _to(built(module, "Dropout", [p], {}), place), moved(x, place)
        with _trace(place) as trace:
            outputs = []
            for mode in modes:
                _in_mode(layer, mode)
                outputs.append(layer(x))
    return outputs, trace.as_dict()


def registered(module: types.ModuleType, args: list[Any], kwargs: dict[str, Any]) -> dict[str, Any]:
    """What a new BatchNorm1d registers, and how torch's layer and it take each other's state."""
    with ForbiddenFunctions("batch_norm"):
        layer = built(module, "BatchNorm1d", args, kwargs)
    parameters, buffers = _dict(_named_parameters(layer)), _dict(_named_buffers(layer))
    state = _state_dict(layer)
    other = nn.BatchNorm1d(kwargs["num_features"] if "num_features" in kwargs else args[0])
    theirs = _state_dict(other)
    same = {key: value for key, value in state.items() if key in theirs and value.shape == theirs[key].shape}
    taken = _load(other, same, strict=False)
    return {
        "parameters": copied(parameters),
        "trainable": [name for name, parameter in parameters.items() if _requires_grad(parameter)],
        "buffers": copied(buffers),
        "state": copied(_dict(state)),
        "missing": _list(taken.missing_keys),
        "training": layer.training,
    }


def normalized(
    module: types.ModuleType,
    args: list[Any],
    kwargs: dict[str, Any],
    state: dict[str, Tensor],
    steps: list[dict[str, Any]],
) -> dict[str, Any]:
    """One BatchNorm1d with this state, in the dtype of the first input, run step by step.

    A step has new contents for some of the state, a mode, an input x, and a cotangent or None; without one the layer
    gets x itself.
    Gradients are on or off, the parameters frozen or not.
    """
    seen = []
    with ForbiddenFunctions("batch_norm"):
        layer = built(module, "BatchNorm1d", args, kwargs)
        taken = _load(layer, state, strict=False)
        _to(layer, steps[0]["x"].dtype)
        for step in steps:
            _in_mode(layer, step["mode"])
            for parameter in _dict(_named_parameters(layer)).values():
                _requires_grad_(parameter, not step["frozen"])
            own = _state_dict(layer)
            for name in step["written"].keys() & own.keys():
                _copy(own[name], step["written"][name])
            with _set_grad(step["grad"]):
                seen.append(_normalized_once(layer, step["x"], step["cotangent"]))
            if _any(seen[-1]["graphs"].values()):
                break
    strange = [key for keys in (taken.missing_keys, taken.unexpected_keys) for key in keys]
    return {"steps": seen, "strange": strange}


def _normalized_once(layer: nn.Module, x: Tensor, cotangent: Tensor | None) -> dict[str, Any]:
    parameters = _dict(_named_parameters(layer))
    for parameter in parameters.values():
        parameter.grad = None
    given = x if cotangent is None else _detach(x).requires_grad_()
    output = layer(given)
    gradients = {}
    if cotangent is not None:
        gradients["x"] = _gradient(output, cotangent, given)
        gradients |= {name: parameter.grad for name, parameter in parameters.items()}
    buffers = _dict(_named_buffers(layer))
    return {
        "output": copied(output),
        "input": copied(x),
        "gradients": gradients,
        "state": copied(parameters | buffers),
        "graphs": {name: _requires_grad(buffer) for name, buffer in buffers.items()},
    }


def refused_batch(
    module: types.ModuleType, kwargs: dict[str, Any], state: dict[str, Tensor], x: Tensor
) -> dict[str, Any]:
    """The buffers of a BatchNorm1d with this state in train mode, once it has refused x."""
    with ForbiddenFunctions("batch_norm"):
        layer = built(module, "BatchNorm1d", [], kwargs)
        _load(layer, state, strict=False)
        _train(layer, True)
        with _suppress(ValueError):
            layer(x)
    return _dict(_named_buffers(layer))


def normalized_on_device(
    module: types.ModuleType,
    kwargs: dict[str, Any],
    state: dict[str, Tensor],
    steps: list[tuple[str, Tensor]],
    place: str,
) -> tuple[list[Any], Any]:
    """([outputs, buffers], trace) of a BatchNorm1d that was moved to the device."""
    with ForbiddenFunctions("batch_norm"):
        layer = built(module, "BatchNorm1d", [], kwargs)
        _load(layer, state, strict=False)
        layer = _to(layer, place)
        steps, outputs = moved(steps, place), []
        with _trace(place) as trace:
            for mode, x in steps:
                _in_mode(layer, mode)
                outputs.append(layer(x))
    return [outputs, _dict(_named_buffers(layer))], trace.as_dict()


def normalized_many(module: types.ModuleType, batches: list[Tensor]) -> list[Any]:
    """[outputs, running mean, running variance] for a list of stacks of batches, one layer for each width."""
    results = []
    with ForbiddenFunctions("batch_norm"):
        for stack in batches:
            key = (module, stack.size(2))
            if key not in _BUILT:
                _BUILT[key] = built(module, "BatchNorm1d", [stack.size(2)], {})
            layer = _BUILT[key]
            outputs = [copied(layer(x)) for x in stack]
            buffers = _dict(_named_buffers(layer))
            results.append([_stack(outputs), *(copied(buffers.get(name)) for name in ("running_mean", "running_var"))])
    return results


def own_works(module: types.ModuleType, name: str) -> bool:
    """Whether the student's own layer exists and can be told from torch's in what other tasks need of it."""
    look = {"Dropout": _dropout_works, "BatchNorm1d": _norm_works}[name]
    try:
        return look(module)
    except Exception:
        return False


def _dropout_works(module: types.ModuleType) -> bool:
    layer, x = built(module, "Dropout", [0.5], {}), _ones(4, 16)
    for mode in (False, True):
        layer.training = mode
        if layer(x).shape != x.shape:
            return False
    return _len(_list(_modules(layer))) == 1 and not _dict(_named_parameters(layer))


def _norm_works(module: types.ModuleType) -> bool:
    layer, other = built(module, "BatchNorm1d", [3], {}), nn.BatchNorm1d(3)
    alike = _all(
        _set(_dict(names(layer))) == _set(_dict(names(other))) for names in (_named_parameters, _named_buffers)
    )
    return alike and _len(_list(_modules(layer))) == 1


# Functions


def evaluated(
    module: types.ModuleType,
    plan: dict[str, Any],
    x: Tensor,
    *,
    grad: bool = True,
    nested: str | None = None,
    disturb: list[bool] | None = None,
    error: str | None = None,
) -> dict[str, Any]:
    """A block in evaluation mode: what holds inside and afterwards.

    Inside, another block may be opened on a submodule ("" is the model), the flags may be set to `disturb`, and an
    exception may be raised.
    """
    enter, model = task(module, "evaluation_mode"), prepared(plan)
    modules, patches = _list(_modules(model)), patches_of(model)
    seen: dict[str, Any] = {"caught": False}
    raised = RAISED[error or "exception"]("the block")
    with _set_grad(grad):
        try:
            manager = enter(model)
            if not _hasattr(_type(manager), "__enter__"):
                return {"no manager": _type(manager).__name__}
            with manager as given:
                seen |= {"same": given is model, "given": _type(given).__name__}
                seen |= {"inside": modes_of(model), "grad inside": _is_grad(), "output": copied(model(x))}
                if nested is not None:
                    target = _submodule(model, nested)
                    with enter(target) as inner:
                        seen |= {"inner same": inner is target, "inner inside": modes_of(model)}
                    seen["between"] = modes_of(model)
                if disturb is not None:
                    set_modes(model, disturb)
                if error:
                    raise raised
        except (Sprung, Torn) as caught:
            if caught is not raised:
                raise
            seen["caught"] = True
        seen |= {"after": [one.training for one in modules], "grad after": _is_grad()}
    return seen | {"flags": flags(model), "patched": patches_of(model) != patches}


def _given(batches: list[Tensor], form: str) -> Any:
    """The batches as an iterable of this form."""

    def generator() -> Iterator[Tensor]:
        yield from batches

    def broken() -> Iterator[Tensor]:
        yield batches[0]
        raise Sprung("the iterable")

    class Loader:
        def __iter__(self) -> Iterator[Tensor]:
            return _iter(batches)

    forms: dict[str, Callable[[], Any]] = {
        "list": lambda: batches,
        "tuple": lambda: tuple(batches),
        "generator": generator,
        "broken": broken,
        "loader": Loader,
    }
    return forms[form]()


def _watched(model: nn.Module, run: Callable[[nn.Module], Any], journal: Journal, grad: bool) -> dict[str, Any]:
    """The result of a function on a model, or whether the trap's exception came out; and how it left the model."""
    before, result, caught = flags(model), None, False
    state, patches, seed = copied(_dict(_state_dict(model))), patches_of(model), _initial_seed()
    with _set_grad(grad):
        try:
            result = run(model)
        except (Sprung, Torn):
            caught = True
        after = _is_grad()
    now = _dict(_state_dict(model))
    return {
        "result": result,
        "caught": caught,
        "journal": journal.entries,
        "flags": flags(model),
        "flags kept": flags(model) == before,
        "kept": [_eq(value, now[key]) for key, value in state.items()],
        "grad": after,
        "patched": patches_of(model) != patches,
        "reseeded": _initial_seed() != seed,
    }


def predicted(
    module: types.ModuleType,
    plan: dict[str, Any],
    batches: list[Tensor],
    form: str,
    *,
    grad: bool = True,
    leaf: bool = False,
    keywords: bool = False,
) -> dict[str, Any]:
    """What predict does with a model that notes its calls; with `leaf` the batches require gradients."""
    function, journal = task(module, "predict"), Journal()
    model = Noting(prepared(plan), journal)
    model.training = plan["modes"][0]
    before = copied(batches)
    if leaf:
        batches = [_detach(batch).requires_grad_() for batch in batches]
    given = _given(batches, form)

    def run(model: nn.Module) -> Any:
        return function(model=model, batches=given) if keywords else function(model, given)

    seen = _watched(model, run, journal, grad)
    return seen | {"input kept": _all(_kept(x, old, leaf) for x, old in zip(batches, before, strict=True))}


def _kept(x: Tensor, before: Tensor, leaf: bool) -> bool:
    return _requires_grad(x) == leaf and _eq(before, _detach(x))


def predicted_on_device(
    module: types.ModuleType, plan: dict[str, Any], batches: list[Tensor], place: str
) -> tuple[Any, Any]:
    """(result, trace) of predict with everything on the device."""
    function, model, batches = task(module, "predict"), _to(prepared(plan), place), moved(batches, place)
    with _trace(place) as trace:
        value = function(model, batches)
    return value, trace.as_dict()


def predicted_many(module: types.ModuleType, size: int, state: dict[str, Tensor], batches: Tensor) -> Any:
    """The result of predict for many small batches."""
    model = nn.Linear(batches.size(-1), size)
    _load(model, state)
    return task(module, "predict")(model, _list(batches))


def frozen(module: types.ModuleType, plan: dict[str, Any], x: Tensor | None, again: bool = False) -> dict[str, Any]:
    """What freeze_batchnorm returns and leaves; with x also an output afterwards, and the buffers then."""
    function, model = task(module, "freeze_batchnorm"), prepared(plan)
    before = _list(_parameters(model))
    counts = [function(model) for _ in range(1 + again)]
    seen = {"counts": counts, "flags": flags(model), "state": copied(_dict(_state_dict(model)))}
    seen["same"] = _same(before, model)
    if x is not None:
        seen |= {"output": copied(model(x)), "later": copied(_dict(_named_buffers(model)))}
    return seen


def frozen_own(module: types.ModuleType, plan: dict[str, Any]) -> dict[str, Any] | None:
    """The same for a model with the student's own BatchNorm1d inside, where that can be built."""
    if not own_works(module, "BatchNorm1d"):
        return None
    function, model = task(module, "freeze_batchnorm"), prepared(plan, module)
    before = _list(_parameters(model))
    return {"counts": [function(model)], "flags": flags(model), "same": _same(before, model)}


def _same(parameters: list[Tensor], model: nn.Module) -> bool:
    """Whether these are the Parameter objects of the model."""
    now = _list(_parameters(model))
    return _len(now) == _len(parameters) and _all(one is other for one, other in zip(now, parameters, strict=True))


def sampled(
    module: types.ModuleType,
    plan: dict[str, Any],
    x: Tensor,
    samples: int,
    *,
    grad: bool = True,
    leaf: bool = False,
    keywords: bool = False,
    own: bool = False,
    bare: bool = False,
) -> dict[str, Any] | None:
    """What mc_dropout does with a model that notes its calls; None where own layers are asked for and don't work.

    With `bare` the model is a dropout layer, whatever the plan.
    """
    if own and not own_works(module, "Dropout"):
        return None
    function, journal = task(module, "mc_dropout"), Journal()
    model = Heard(journal) if bare else Noting(prepared(plan, module if own else None), journal)
    model.training = plan["modes"][0]
    before = copied(x)
    given = _detach(x).requires_grad_() if leaf else x

    def run(model: nn.Module) -> Any:
        return function(model=model, x=given, samples=samples) if keywords else function(model, given, samples)

    return _watched(model, run, journal, grad) | {"input kept": _kept(given, before, leaf)}


def sampled_too_few(module: types.ModuleType, plan: dict[str, Any], x: Tensor, samples: int) -> dict[str, Any]:
    """The flags of a model after mc_dropout has refused a number of samples, or not."""
    function, model = task(module, "mc_dropout"), prepared(plan)
    with contextlib.suppress(ValueError):
        function(model, x, samples)
    return flags(model)
