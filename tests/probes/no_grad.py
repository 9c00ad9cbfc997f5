"""Observations of no_grad: what a call leaves behind in parameters, buffers, flags, gradients, graphs and memory.

Most calls go through `_run`, which also notes whether gradients are still on or off as they were.
"""

import gc
import types
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from grader import accelerator
from grader.confined.observing import Witness, copied, flags
from grader.confined.probing import moved, task

_clone, _detach, _copy, _backward, _data_ptr = (
    Tensor.clone,
    Tensor.detach,
    Tensor.copy_,
    Tensor.backward,
    Tensor.data_ptr,
)
_requires, _exp, _mul, _sum, _is_grad = Tensor.requires_grad_, torch.exp, torch.mul, Tensor.sum, torch.is_grad_enabled
_set_grad, _is_inference = torch.set_grad_enabled, torch.is_inference_mode_enabled
_all, _enumerate = all, enumerate
_inference_mode = torch.inference_mode
_named_parameters, _named_buffers = nn.Module.named_parameters, nn.Module.named_buffers
_as_strided, _view, _cat, _split = Tensor.as_strided, Tensor.view, torch.cat, torch.split
_from_numpy, _frombuffer, _from_dlpack = torch.from_numpy, torch.frombuffer, torch.from_dlpack
_strided_array, _Parameter, _isinstance, _grad = (
    np.lib.stride_tricks.as_strided,
    nn.Parameter,
    isinstance,
    torch.autograd.grad,
)
_trace, _zeros_like = accelerator.trace, torch.zeros_like
_foreach_copy, _foreach_mul, _collect, _iter = torch._foreach_copy_, torch._foreach_mul_, gc.collect, iter
_len, _tuple, _initial_seed = len, tuple, torch.initial_seed

_BUILT: dict[Any, tuple[nn.Module, nn.Module]] = {}  # by submission and sizes: what the speed check built before

Members = list[list[Any]]


class Own(nn.Parameter):
    """A Parameter, though of another type."""


def model_of(members: Members) -> nn.Module:
    """The model that a description lists, member after member, each under its full name:

    [name, "parameter", tensor, trainable] ┆ the same with a True behind it, for one of a subclass of Parameter
    [name, "buffer", tensor, persistent] ┆ [name, "tied", name of a Parameter]
    [name, "again", name of a module] ┆ [name, "eval"]: this module alone is in eval mode
    """
    root = nn.Module()
    for name, kind, *details in members:
        path, _, last = name.rpartition(".")
        owner = _reached(root, path)
        if kind == "parameter":
            owner.register_parameter(last, (Own if details[2:] else _Parameter)(details[0], requires_grad=details[1]))
        elif kind == "buffer":
            owner.register_buffer(last, details[0], persistent=details[1])
        elif kind == "tied":
            owner.register_parameter(last, root.get_parameter(details[0]))
        elif kind == "again":
            owner.register_module(last, root.get_submodule(details[0]))
        else:
            _reached(root, name).training = False
    return root


def _reached(root: nn.Module, path: str) -> nn.Module:
    """The submodule of this name, which is made where there is none."""
    for part in path.split(".") if path else []:
        if part not in dict(root.named_children()):
            root.add_module(part, nn.Module())
        root = root.get_submodule(part)
    return root


LAYERS = {"Linear": nn.Linear, "BatchNorm1d": nn.BatchNorm1d, "Tanh": nn.Tanh}


def network(layers: list[list[Any]], state: dict[str, Tensor], frozen: list[str], evaluated: list[str]) -> nn.Module:
    """A Sequential with this state in its dtype; some Parameters are frozen, and some modules alone in eval mode."""
    model = nn.Sequential(*[LAYERS[name](*args) for name, *args in layers])
    if state:
        model.to(next(iter(state.values())).dtype).load_state_dict(state)
    for name in frozen:
        model.get_parameter(name).requires_grad_(False)
    for name in evaluated:
        model.get_submodule(name).training = False
    return model


def _run(
    module: types.ModuleType, name: str, /, *args: Any, gradients_on: bool = True, **kwargs: Any
) -> tuple[Any, bool]:
    """The value of one call with gradients on or off, and whether they still are; then they are on."""
    function = task(module, name)
    _set_grad(gradients_on)
    try:
        value = function(*args, **kwargs)
        return value, _is_grad() == gradients_on and not _is_inference()
    finally:
        _set_grad(True)


def _parameters(model: nn.Module) -> dict[str, Tensor]:
    return dict(_named_parameters(model))


def _tensors(model: nn.Module) -> dict[str, Tensor]:
    """Every Parameter and buffer under its first name."""
    return _parameters(model) | dict(_named_buffers(model))


def _with_gradients(model: nn.Module, gradients: dict[str, Tensor]) -> nn.Module:
    for name, gradient in gradients.items():
        _parameters(model)[name].grad = gradient
    return model


def _gradients(model: nn.Module) -> dict[str, Any]:
    return {name: copied(parameter.grad) for name, parameter in _parameters(model).items()}


# freeze


def frozen(
    module: types.ModuleType, cases: list[tuple[Members, dict[str, Tensor]]], *, keyword: bool = False
) -> list[dict[str, Any]]:
    """What two calls return for each model, and the model's flags, tensors and gradients before and after.

    "once more": what a third call returns when the model is as trainable again as it was, and the flags behind it.
    """
    seen = []
    for members, gradients in cases:
        model = _with_gradients(model_of(members), gradients)
        objects, before = _tensors(model), flags(model)
        count, kept = _run(module, "freeze", module=model) if keyword else _run(module, "freeze", model)
        after, now = flags(model), _tensors(model)
        seen.append(
            {
                "count": count,
                "again": _run(module, "freeze", model)[0],
                "before": before,
                "after": after,
                "same": [now.get(name) is value for name, value in objects.items()],
                "names": list(now),
                "values": copied(now),
                "gradients": _gradients(model),
                "grad mode": kept,
            }
        )
        for name, value in _parameters(model).items():
            _requires(value, before["requires_grad"].get(name, False))
        seen[-1]["once more"] = [_run(module, "freeze", model)[0], flags(model)]
    return seen


# sgd_update


class _Once:
    """An iterable that is neither a list nor a generator."""

    def __init__(self, items: list[Tensor]) -> None:
        self._items = items

    def __iter__(self) -> Iterator[Tensor]:
        return _iter(self._items)


_FORMS = {"list": list, "tuple": tuple, "generator": lambda items: (item for item in items), "iterable": _Once}


def updated(
    module: types.ModuleType,
    values: list[Tensor],
    gradients: list[Tensor | None],
    rate: float,
    form: str,
    cotangents: list[Tensor],
    gradients_on: bool,
) -> dict[str, Any]:
    """Parameters after one update, what views that were taken before show, and the gradients of a later loss."""
    parameters = [_Parameter(value) if i % 2 else _requires(value) for i, value in enumerate(values)]
    for parameter, gradient in zip(parameters, gradients, strict=True):
        parameter.grad = gradient
    views, places = [_detach(p) for p in parameters], [_data_ptr(p) for p in parameters]
    _, kept = _run(module, "sgd_update", _FORMS[form](parameters), gradients_on=gradients_on, lr=rate)
    seen = {
        "parameters": parameters,
        "values": copied(parameters),
        "views": copied(views),
        "gradients": {f"parameter {i}": copied(parameter.grad) for i, parameter in _enumerate(parameters)},
        "same": [_data_ptr(p) == place for p, place in zip(parameters, places, strict=True)],
        "grad mode": kept,
    }
    return seen | {"later": [_later(p, cotangent) for p, cotangent in zip(parameters, cotangents, strict=True)]}


def _later(parameter: Tensor, cotangent: Tensor) -> Any:
    """The gradient that a leaf gets from the sum of its elements times the cotangent."""
    parameter.grad = None
    loss = _sum(_mul(parameter, cotangent))
    if loss.requires_grad:
        _backward(loss)
    return parameter.grad if parameter.is_leaf else None


def updated_on_device(
    module: types.ModuleType, values: list[Tensor], gradients: list[Tensor | None], rate: float, place: str
) -> tuple[Any, Any]:
    """(parameters afterwards, trace) of one update on the device."""
    parameters = [_requires(moved(value, place)) for value in values]
    for parameter, gradient in zip(parameters, gradients, strict=True):
        parameter.grad = moved(gradient, place)
    function = task(module, "sgd_update")
    with _trace(place) as trace:
        function(parameters, rate)
    return parameters, trace.as_dict()


# ema_update


def averaged(
    module: types.ModuleType,
    target_members: Members,
    source_members: Members,
    gradients: list[dict[str, Tensor]],
    decays: list[float],
    keyword: bool,
    gradients_on: bool,
) -> dict[str, Any]:
    """Both models after some updates, and the target once more after the source was overwritten."""
    target, source = _with_gradients(model_of(target_members), gradients[0]), model_of(source_members)
    _with_gradients(source, gradients[1])
    objects, before = _parameters(target), (flags(target), flags(source))
    modes = []
    for decay in decays:
        args: Any = ((), {"target": target, "source": source, "decay": decay})
        args = args if keyword else ((target, source, decay), {})
        modes.append(_run(module, "ema_update", *args[0], gradients_on=gradients_on, **args[1])[1])
    now = _tensors(target)
    seen = {
        "names": list(now),
        "tensors": now,
        "values": copied(now),
        "same": [now.get(name) is parameter for name, parameter in objects.items()],
        "flags": [before, (flags(target), flags(source))],
        "gradients": [_gradients(target), _gradients(source)],
        "source": copied(_tensors(source)),
        "grad mode": all(modes),
    }
    for tensor in _tensors(source).values():
        _copy(_detach(tensor), _zeros_like(tensor))
    return seen | {"later": copied(_tensors(target))}


def averaged_on_device(
    module: types.ModuleType, target_members: Members, source_members: Members, decay: float, place: str
) -> tuple[Any, Any]:
    """(tensors of the target afterwards, trace) of one update on the device."""
    target, source = (model_of(members).to(place) for members in (target_members, source_members))
    function = task(module, "ema_update")
    with _trace(place) as trace:
        function(target, source, decay)
    return _tensors(target), trace.as_dict()


def averaged_often(
    module: types.ModuleType, dims: list[int], starts: tuple[Tensor, Tensor], decays: list[float], factor: float
) -> Tensor:
    """All Parameters of a target, one behind the other, after many updates; the source changes in between.

    The models, Linears of these sizes, stay from request to request, with fresh contents in each.
    """
    key = (module, *dims)
    if key not in _BUILT:
        _BUILT[key] = tuple(nn.Sequential(*[nn.Linear(n, n) for n in dims]) for _ in range(2))  # type: ignore[assignment]
    pair = [[_detach(p) for _, p in _named_parameters(model)] for model in _BUILT[key]]
    for tensors, start in zip(pair, starts, strict=True):
        pieces = _split(start, [t.numel() for t in tensors])
        _foreach_copy(tensors, [_view(piece, t.shape) for piece, t in zip(pieces, tensors, strict=True)])
    function = task(module, "ema_update")
    for decay in decays:
        function(*_BUILT[key], decay)
        _foreach_mul(pair[1], factor)
    return _cat([_view(_detach(p), -1) for _, p in _named_parameters(_BUILT[key][0])])


# running_total


def totals(
    module: types.ModuleType, start: Tensor, factors: Tensor, kind: str, form: str, gradients_on: bool
) -> dict[str, Any]:
    """The total of losses exp(start · factor), what the losses hold afterwards, and their gradients then.

    `kind` says what the losses are: of a graph, leaves, or plain tensors; equal factors give one loss, which stands in
    the list more than once. `clean` tells whether no leaf got a gradient.
    `held` counts the graphs that are kept when only the total is left.
    """
    witness, made = Witness(), {}
    weight = _requires(_clone(start))
    keys = [_tuple(row) for row in factors.tolist()]
    for key, factor in zip(keys, factors, strict=True):
        if key not in made:
            value = _exp(_sum(_mul(witness(weight), factor)))
            made[key] = value if kind == "graph" else _requires(_clone(_detach(value)), kind == "leaves")
    losses = [made[key] for key in keys]
    given = _FORMS[form](losses)
    before = copied(losses)
    total, kept = _run(module, "running_total", given, gradients_on=gradients_on)
    clean = _all(leaf.grad is None for leaf in ([weight] if kind == "graph" else losses))
    seen = {"total": total, "before": before, "left": copied(losses), "count": _len(given) if form == "list" else None}
    seen |= {
        "value": copied(total),
        "clean": clean,
        "grad mode": kept,
        "flags": [loss.requires_grad for loss in losses],
    }
    if kind == "graph":
        seen["gradient"] = _gradient_of_sum(losses, weight)
    del losses, made, given, value
    if witness.alive():
        _collect()
    return seen | {"held": witness.alive()}


def _gradient_of_sum(losses: list[Tensor], weight: Tensor) -> Any:
    """The gradient, or torch's words on why there is none any more."""
    try:
        return _grad(sum(losses), weight)[0]  # type: ignore[arg-type]
    except RuntimeError as error:
        return str(error)[:200]


# straight_through_round


def rounded(module: types.ModuleType, cases: list[tuple[Tensor, Tensor, str]]) -> list[dict[str, Any]]:
    """Value and gradient for each (x, cotangent, how).

    `how` says what x is: leaf, inner, plain, or off: a leaf while gradients are off.
    """
    seen = []
    for x, cotangent, how in cases:
        leaf = x if how == "plain" else _requires(x)
        given = leaf * 1 if how == "inner" else leaf
        before, asks = copied(given), given.requires_grad
        result, kept = _run(module, "straight_through_round", given, gradients_on=how != "off")
        entry = {"result": result, "value": copied(result), "before": before, "left": copied(given), "grad mode": kept}
        entry["asks as before"] = given.requires_grad == asks
        if how != "plain" and _isinstance(result, Tensor) and result.requires_grad:
            entry["gradient"] = _grad(_sum(result * cotangent), leaf, allow_unused=True)[0]
        seen.append(entry)
    return seen


def rounded_in_a_loss(module: types.ModuleType, x: Tensor, y: Tensor, z: Tensor) -> list[Any]:
    """Gradients of sum(round(x)·y + x·z) for x and y."""
    x, y = _requires(x), _requires(y)
    result = task(module, "straight_through_round")(x)
    return list(_grad(_sum(result * y) + _sum(x * z), (x, y), allow_unused=True))


# snapshot


def snapshots(
    module: types.ModuleType, members: Members, gradients: dict[str, Tensor], changed: dict[str, Tensor], fill: float
) -> dict[str, Any]:
    """A snapshot at once and after the model was written to, a second one then, and the model after both are."""
    model = _with_gradients(model_of(members), gradients)
    before = flags(model)
    found, kept = _run(module, "snapshot", model)
    first = copied(found)
    seen = {"found": found, "first": first, "grad mode": kept, "flags": [before, flags(model)]}
    seen |= {"gradients": _gradients(model), "left": copied(_tensors(model))}
    for name, value in changed.items():
        _copy(_detach(_parameters(model)[name]), value)
    later = copied(found)
    second, _ = _run(module, "snapshot", model)
    seen |= {"later": later, "second": copied(second)}
    for snap in (found, second):
        for value in snap.values() if _isinstance(snap, dict) else []:
            if _isinstance(value, Tensor):
                with _inference_mode():  # which a snapshot that was made in inference mode needs
                    _detach(value).fill_(fill)
    return seen | {"model": copied(_parameters(model))}


# shares_memory


class _Room:
    """A piece of memory, and tensors made on it in several ways."""

    def __init__(self, size: int, owner: str) -> None:
        self.bytes = bytearray(range(1, size + 1))
        if owner == "torch":
            self.tensor = _clone(_frombuffer(self.bytes, dtype=torch.uint8))
            self.array = self.tensor.numpy()
        else:
            self.array = np.frombuffer(self.bytes, dtype=np.uint8)
            self.tensor = _from_numpy(self.array)

    def made(self, way: str, dtype: torch.dtype, shape: list[int], stride: list[int], offset: int) -> Tensor:
        """A tensor of this layout; sizes and strides count elements, the offset counts bytes."""
        if way in ("numpy", "dlpack"):
            kind = torch.empty(0, dtype=dtype).numpy().dtype
            steps = [step * kind.itemsize for step in stride]
            array = _strided_array(self.array[offset:].view(kind), shape, steps)
            return _from_numpy(array) if way == "numpy" else _from_dlpack(array)
        if way == "frombuffer":
            return _as_strided(_frombuffer(self.array, dtype=dtype, offset=offset), shape, stride)
        whole = _view(self.tensor, dtype)
        laid = _as_strided(whole, shape, stride, offset // dtype.itemsize)
        return _Parameter(laid, requires_grad=dtype.is_floating_point) if way == "parameter" else laid


def shared(
    module: types.ModuleType, rooms: list[tuple[int, str]], pairs: list[tuple[list[Any], list[Any]]], keyword: bool
) -> list[Any]:
    """What is said of each pair of tensors, each given as [room, way, dtype, shape, stride, offset in bytes].

    A pair of one description is a tensor and itself. The last item tells whether all memory is as it was.
    """
    places = [_Room(*room) for room in rooms]
    before = [_clone(place.tensor) for place in places]
    answers = []
    for one, other in pairs:
        a = places[one[0]].made(*one[1:])
        b = a if one == other else places[other[0]].made(*other[1:])
        answer = _run(module, "shares_memory", a=a, b=b) if keyword else _run(module, "shares_memory", a, b)
        answers.append(answer[0])
    return [answers, all(bool((a == place.tensor).all()) for a, place in zip(before, places, strict=True))]


# consistency_loss


def consistent(
    module: types.ModuleType,
    student: list[Any],
    teacher: list[Any],
    gradients: list[dict[str, Tensor]],
    x: Tensor,
    asks: bool,
    gradients_on: bool,
    changes: list[dict[str, Tensor]],
) -> dict[str, Any]:
    """The loss, the gradients of both models before and after its backward pass, flags, and x afterwards.

    `changes`: new values for Parameters of both models, and "again" is the loss of a second call on the same objects
    that then hold them; without changes there is none.
    """
    models = [network(*student), network(*teacher)]
    for model, some in zip(models, gradients, strict=True):
        _with_gradients(model, some)
    before, seed = [flags(model) for model in models], _initial_seed()
    given, kept = _requires(_clone(x), asks), _clone(x)
    loss, mode = _run(module, "consistency_loss", *models, given, gradients_on=gradients_on)
    seen = {
        "loss": loss,
        "seeded": _initial_seed() != seed,
        "value": copied(loss),
        "flags": [before, [flags(model) for model in models]],
        "at once": [_gradients(model) for model in models],
        "x": [kept, copied(given)],
        "asks": given.requires_grad,
        "parameters": [copied(_parameters(model)) for model in models],
        "grad mode": mode,
    }
    if _isinstance(loss, Tensor) and loss.requires_grad:
        _backward(_sum(loss))
    seen |= {"gradients": [_gradients(model) for model in models], "later": [flags(model) for model in models]}
    for model, values in zip(models, changes, strict=False):
        for name, value in values.items():
            _copy(_detach(_parameters(model)[name]), value)
    return seen | {"again": copied(_run(module, "consistency_loss", *models, given)[0]) if changes else None}
