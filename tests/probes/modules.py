"""Observations of modules: what they register, what they compute with given weights, and how they learn.

Everything is looked up with `nn.Module`'s own methods, as bound when this file was imported.
"""

import contextlib
import types
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn

from grader import accelerator
from grader.confined.probing import forbidden, task

_clone, _copy, _detach, _backward = Tensor.clone, Tensor.copy_, Tensor.detach, Tensor.backward
_subtract, _stack, _unbind = Tensor.sub_, torch.stack, torch.unbind
_named_parameters, _named_buffers = nn.Module.named_parameters, nn.Module.named_buffers
_named_modules, _state_dict, _load = nn.Module.named_modules, nn.Module.state_dict, nn.Module.load_state_dict
_to, _train, _no_grad, _Module = nn.Module.to, nn.Module.train, torch.no_grad, nn.Module
_register, _require, _negative = nn.Module.register_parameter, Tensor.requires_grad_, Tensor.neg_
_initial_seed = torch.initial_seed
_storage, _trace, _isinstance, _zeros = Tensor.untyped_storage, accelerator.trace, isinstance, torch.zeros
_deterministic, _is_deterministic = torch._C._set_deterministic_algorithms, torch._C._get_deterministic_algorithms

_BUILT: dict[Any, nn.Module] = {}  # by submission and sizes: what a speed check built in an earlier request


def built(module: types.ModuleType, name: str, sizes: dict[str, int] | list[int]) -> nn.Module:
    """A new module of the student's, from arguments with or without names."""
    make = task(module, name)
    model = make(**sizes) if _isinstance(sizes, dict) else make(*sizes)
    if not _isinstance(model, _Module):
        raise TypeError(f"{name}(…) is of type {type(model).__name__}, not an nn.Module")
    return model


def parameters_of(model: nn.Module) -> dict[str, Tensor]:
    """Every Parameter under every name, in the order of registration."""
    return dict(_named_parameters(model, remove_duplicate=False))


@contextlib.contextmanager
def _filled_with_nan() -> Iterator[None]:
    """Memory that nobody initialises holds NaN, as torch's deterministic mode promises."""
    before = _is_deterministic()
    _deterministic(True)
    try:
        yield
    finally:
        _deterministic(before)


def layout(
    module: types.ModuleType, name: str, sizes: dict[str, int] | list[int], containers: dict[str, str]
) -> dict[str, Any]:
    """What a new module registers: parameters, buffers, keys of its state, and whether attributes are containers.

    `alike` numbers the storages of the parameters: equal numbers share one.
    """
    with _filled_with_nan():
        model = built(module, name, sizes)
    parameters = parameters_of(model)
    storages = [_storage(parameter).data_ptr() for parameter in parameters.values()]
    return {
        "parameters": parameters,
        "buffers": dict(_named_buffers(model, remove_duplicate=False)),
        "keys": list(_state_dict(model)),
        "alike": [storages.index(storage) for storage in storages],
        "containers": {
            attribute: _isinstance(vars(model)["_modules"].get(attribute), getattr(nn, kind))
            for attribute, kind in containers.items()
        },
    }


def twice(module: types.ModuleType, name: str, sizes: dict[str, int], x: Tensor) -> list[Any]:
    """Two outputs of one module for one input."""
    model = built(module, name, sizes)
    return [model(x), model(x)]


def step(model: nn.Module, rate: float) -> None:
    """SGD on each Parameter once; torch.optim would take a second to load what it needs of the compiler."""
    with _no_grad():
        for _, parameter in _named_parameters(model):
            if parameter.grad is not None:
                _subtract(parameter, rate * parameter.grad)


def once(module: types.ModuleType, name: str, sizes: dict[str, int], x: Tensor) -> Any:
    """The output of a new module."""
    return built(module, name, sizes)(x)


def loaded(
    module: types.ModuleType,
    name: str,
    sizes: dict[str, int] | list[int],
    state: dict[str, Tensor],
    inputs: list[Tensor],
    training: bool,
) -> list[Any]:
    """(output, input afterwards) for each input, with this state; the module takes the dtype of each input.

    The mode is `training` for the first input and changes with each.
    """
    model, results = built(module, name, sizes), []
    _load(model, state, strict=False)
    for number, x in enumerate(inputs):
        _train(model, training if number % 2 == 0 else not training)
        results.append((_to(model, x.dtype)(x), _detach(x)))
    return results


def learns(
    module: types.ModuleType, name: str, sizes: dict[str, int], x: Tensor, cotangents: list[Tensor], rate: float
) -> dict[str, Any]:
    """One step of SGD along the sum of outputs times cotangents, and a second module that loads what was learnt.

    The very tensor of the first call goes in again after the step, and once more after its values were negated.
    It is also seen whether torch is reseeded while the module is built.
    Outputs of another shape than their cotangents are all that is observed.
    """
    seed = _initial_seed()
    model = built(module, name, sizes)
    reseeded = _initial_seed() != seed
    before = {key: _clone(_detach(parameter)) for key, parameter in parameters_of(model).items()}
    given = _clone(_detach(x)).requires_grad_()
    outputs = model(given)
    pieces = list(outputs) if _isinstance(outputs, (tuple, list)) else [outputs]
    if any(piece.shape != other.shape for piece, other in zip(pieces, cotangents, strict=False)):
        return {"before": before, "outputs": [_detach(piece) for piece in pieces]}
    loss = sum(((piece * other).sum() for piece, other in zip(pieces, cotangents, strict=False)), _zeros(()))
    if loss.requires_grad:
        _backward(loss)
    gradients = {key: parameter.grad for key, parameter in parameters_of(model).items()}
    step(model, rate)
    with _no_grad():
        after = model(given)
        _negative(given)
        negated = model(given)
        twin, third = (built(module, name, sizes) for _ in range(2))
        _load(twin, _state_dict(model), strict=False)
        return {
            "reseeded": reseeded,
            "before": before,
            "outputs": [_detach(piece) for piece in pieces],
            "gradients": gradients,
            "input_gradient": given.grad,
            "after": after,
            "negated": negated,
            "twin": twin(x),
            "quiet": [_train(twin, False)(x), _rewritten(third, x, _state_dict(model))],
        }


def _rewritten(model: nn.Module, x: Tensor, state: dict[str, Tensor]) -> Any:
    """The output in eval mode after an earlier one, since which the Parameters have been written."""
    _train(model, False)
    model(x)
    for name, parameter in _named_parameters(model):
        _copy(parameter, state[name])
    return model(x)


def on_device(
    module: types.ModuleType, name: str, sizes: dict[str, int], state: dict[str, Tensor], x: Tensor, place: str
) -> tuple[Any, Any]:
    """([output, parameters and buffers], trace of forward) of a module that was moved to the device."""
    model = built(module, name, sizes)
    _load(model, state, strict=False)
    model = _to(model, place)
    x = x.to(place)
    with _no_grad(), _trace(place) as trace:
        value = model(x)
    return [value, parameters_of(model) | dict(_named_buffers(model))], trace.as_dict()


def buffer_in_two_dtypes(module: types.ModuleType, sizes: dict[str, int], name: str) -> list[Any]:
    """A buffer of PositionalEncoding after `.to(float64)`, and then after `.to(float16)`."""
    model = built(module, "PositionalEncoding", sizes)
    seen = []
    for dtype in (torch.float64, torch.float16):
        _to(model, dtype)
        seen.append(getattr(model, name))
    return seen


def buffer_after_training(
    module: types.ModuleType, sizes: dict[str, int], name: str, x: Tensor
) -> tuple[Any, Any, list[Any], Any, list[Any], Any]:
    """A buffer, the gradient that x gets, the parameters' gradients, and the buffer after a step of SGD.

    Then two outputs in eval mode for the same tensor again: when the buffer has been negated, and when x has been, too.
    Last the buffer of another module of these sizes.
    """
    model, other = (built(module, "PositionalEncoding", sizes) for _ in range(2))
    before = _clone(_detach(getattr(model, name)))
    given = _clone(_detach(x)).requires_grad_()
    _backward((model(given) * x).sum() + given.sum() * 0)
    step(model, 1.0)
    gradients = [parameter.grad for parameter in parameters_of(model).values()]
    after = _clone(_detach(getattr(model, name)))
    _train(model, False)
    with _no_grad():
        model(given)
        _negative(getattr(model, name))
        again = model(given)
        _negative(given)
        return before, given.grad, gradients, after, [again, model(given)], getattr(other, name)


def stacked_many(module: types.ModuleType, runs: list[tuple[dict[str, int], Tensor, Tensor, Tensor]]) -> list[Any]:
    """Outputs of StackedLinears for many inputs, with fresh weights in modules that stay from request to request."""
    results = []
    for sizes, weight, bias, inputs in runs:
        key = (module, *sorted(sizes.items()))
        if key not in _BUILT:
            _BUILT[key] = built(module, "StackedLinears", sizes)
        model = _BUILT[key]
        with _no_grad():
            _copy(model.weight, weight)
            _copy(model.bias, bias)
            results.append(_stack([model(x) for x in _unbind(inputs)]))
    return results


# Models for count_parameters and collect_state, built from a description.

LAYERS = {
    "Linear": nn.Linear,
    "BatchNorm1d": nn.BatchNorm1d,
    "LayerNorm": nn.LayerNorm,
    "Embedding": nn.Embedding,
    "GRU": nn.GRU,
    "ReLU": nn.ReLU,
}


class Tree(nn.Module):
    """A module with the members that a description lists.

    A member is (kind, name, *details):
    parameter: shape, trainable ┆ turned: a float64 Parameter with exchanged strides ┆
    integers: a frozen Parameter of integers ┆ buffer: shape, persistent ┆
    window: a buffer on the storage of parameter number n ┆ twin: another Parameter there ┆
    learnt: a buffer that requires a gradient ┆ tied: Parameter number n again ┆ tree: members ┆
    layer: a class of LAYERS, arguments ┆ again: module number n ┆
    no parameter, no buffer, no module: None under a name.
    """

    def __init__(self, members: list[Any], parameters: list[nn.Parameter], modules: list[nn.Module]) -> None:
        super().__init__()
        for kind, name, *details in members:
            self._add(kind, name, details, parameters, modules)

    def _add(
        self, kind: str, name: str, details: list[Any], parameters: list[nn.Parameter], modules: list[nn.Module]
    ) -> None:
        if kind == "parameter":
            parameters.append(nn.Parameter(torch.zeros(details[0]), requires_grad=details[1]))
            self.register_parameter(name, parameters[-1])
        elif kind == "turned":
            parameters.append(nn.Parameter(torch.zeros(details[0], dtype=torch.float64).t()))
            self.register_parameter(name, parameters[-1])
        elif kind == "integers":
            parameters.append(nn.Parameter(torch.zeros(details[0], dtype=torch.int64), requires_grad=False))
            self.register_parameter(name, parameters[-1])
        elif kind == "tied":
            self.register_parameter(name, parameters[details[0]])
        elif kind == "twin":
            self.register_parameter(name, nn.Parameter(parameters[details[0]].detach()))
        elif kind == "buffer":
            self.register_buffer(name, torch.zeros(details[0]), persistent=details[1])
        elif kind == "window":
            self.register_buffer(name, parameters[details[0]].detach()[:1])
        elif kind == "learnt":
            self.register_buffer(name, torch.zeros(details[0]).requires_grad_())
        elif kind == "tree":
            modules.append(Tree(details[0], parameters, modules))
            self.add_module(name, modules[-1])
        elif kind == "layer":
            modules.append(LAYERS[details[0]](*details[1], **details[2]))
            self.add_module(name, modules[-1])
        elif kind == "again":
            self.add_module(name, modules[details[0]])
        else:
            register = {
                "no parameter": self.register_parameter,
                "no buffer": self.register_buffer,
                "no module": self.register_module,
            }
            register[kind](name, None)


def model_of(members: list[Any], frozen: list[str]) -> nn.Module:
    """The model of a description, with the Parameters of these names frozen."""
    model = Tree(members, [], [])
    for name, parameter in model.named_parameters(remove_duplicate=False):
        if name in frozen:
            parameter.requires_grad_(False)
    return model


def turn(model: nn.Module) -> None:
    """Freeze what is trainable, make trainable what is frozen and may be, and leave training mode."""
    _train(model, False)
    for _, parameter in _named_parameters(model):
        if parameter.is_floating_point():
            _require(parameter, not parameter.requires_grad)


def extend(model: nn.Module) -> None:
    """Register one more Parameter in a model."""
    _register(model, "later", nn.Parameter(_zeros(7)))


def _flags(model: nn.Module) -> list[Any]:
    tensors = parameters_of(model) | dict(_named_buffers(model))
    return [child.training for _, child in _named_modules(model)] + [t.requires_grad for t in tensors.values()]


def counted(module: types.ModuleType, members: list[Any], frozen: list[str]) -> dict[str, Any]:
    """Both counts of a model, in every way to ask for them, and whether its flags stayed.

    Then one count after the flags were turned and in eval mode, and one after the model was extended.
    """
    count = task(module, "count_parameters")
    model = model_of(members, frozen)
    before = _flags(model)
    values = {
        "all": [count(model), count(model, False)],
        "trainable": [count(model, True), count(model, trainable_only=True)],
    }
    kept = _flags(model) == before
    turn(model)
    turned = count(model, True)
    extend(model)
    return {**values, "kept": kept, "turned": turned, "extended": count(model)}


def counted_layer(module: types.ModuleType, name: str, args: list[int]) -> Any:
    """The count of one bare layer of torch."""
    return task(module, "count_parameters")(LAYERS[name](*args))


def _collected(module: types.ModuleType, model: nn.Module) -> Any:
    with forbidden((nn.Module, "state_dict")):
        return task(module, "collect_state")(model)


def _read(collected: Any) -> Any:
    """The items in the mapping's own order, values copied; anything else as it is."""
    if not _isinstance(collected, dict):
        return collected
    return [(key, _clone(value) if _isinstance(value, Tensor) else value) for key, value in collected.items()]


def collected(
    module: types.ModuleType, members: list[Any], frozen: list[str], contents: dict[str, Tensor]
) -> dict[str, Any]:
    """What collect_state finds in a model with these contents, and whether its flags stayed.

    Then the keys that it finds after the model was extended.
    """
    model = model_of(members, frozen)
    _load(model, contents)
    before = _flags(model)
    found = _collected(module, model)
    reply = {"found": found, "items": _read(found), "kept": _flags(model) == before}
    extend(model)
    again = _collected(module, model)
    return {**reply, "extended": list(again) if _isinstance(again, dict) else again}


def collected_layer(module: types.ModuleType, name: str, args: list[int], contents: dict[str, Tensor]) -> Any:
    """What collect_state finds in one bare layer of torch."""
    layer = LAYERS[name](*args)
    if contents:
        _load(layer, contents)
    return _collected(module, layer)


def writes_through(
    module: types.ModuleType, members: list[Any], first: dict[str, Tensor], second: dict[str, Tensor]
) -> dict[str, Any]:
    """What was collected, after the model is written; and the model, after what was collected is written."""
    model = model_of(members, [])
    found = _collected(module, model)
    _load(model, first)
    seen = _read(found)
    if _isinstance(found, dict):
        with _no_grad():
            for key, value in found.items():
                if key in second and _isinstance(value, Tensor):
                    _copy(value, second[key])
    return {"found": found, "seen": seen, "model": {key: _clone(value) for key, value in _state_dict(model).items()}}
