"""Observations of training loops: models, optimizers and losses from descriptions go in, what became of them comes out.

A *plan* is a dict: layers [(kind, *sizes), …], state (a state_dict), frozen (names of parameters), evaluating (names of
modules that are in eval mode, the others being in train mode), optimizer (kind, options, and perhaps other options for
a second group, the first half of the parameters), loss, dtype.
"""

import gc
import types
from collections.abc import Callable, Iterator
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from grader import accelerator
from grader.confined.observing import Journal, Witness, copied, flags
from grader.confined.probing import task

_isinstance, _is_grad_enabled, _collect, _enumerate = isinstance, torch.is_grad_enabled, gc.collect, enumerate
_getattr = getattr
_named_modules, _named_parameters = nn.Module.named_modules, nn.Module.named_parameters
_state_dict, _load, _to = nn.Module.state_dict, nn.Module.load_state_dict, nn.Module.to
_trace, _detach, _fill = accelerator.trace, Tensor.detach, Tensor.fill_
_set_grad, _transforms = torch.set_grad_enabled, torch._C._functorch.peek_interpreter_stack
_unbind, _move, _zip = torch.unbind, Tensor.to, zip
_seed, _is_anomaly, _default_dtype = torch.initial_seed, torch.is_anomaly_enabled, torch.get_default_dtype
_requires_grad, _enable_grad = vars(torch._C.TensorBase)["requires_grad"].__get__, torch.enable_grad

Batch = tuple[Tensor, Tensor]
Plan = dict[str, Any]


class Louder(nn.Module):
    """As plain as a layer with two modes can be: no randomness, no buffer."""

    def forward(self, x: Tensor) -> Tensor:
        return 1.5 * x if self.training else x


LAYERS = {
    "Linear": nn.Linear,
    "Tanh": nn.Tanh,
    "Louder": Louder,
    "BatchNorm1d": nn.BatchNorm1d,
    "Dropout": nn.Dropout,
    "Tied": nn.Linear,  # its weight is that of the first layer
    "Group": nn.Sequential,  # holds the one layer that all groups share
}
OPTIMIZERS = {"SGD": torch.optim.SGD, "AdamW": torch.optim.AdamW}


def _poisson(outputs: Tensor, targets: Tensor) -> Tensor:
    """A loss in which outputs and targets play different parts."""
    return (outputs.exp() - targets * outputs).mean()


LOSSES: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "mse": nn.MSELoss(),
    "cross entropy": nn.CrossEntropyLoss(),
    "smoothed": nn.CrossEntropyLoss(label_smoothing=0.4),
    "poisson": _poisson,
}


class Interruption(RuntimeError):
    """What goes wrong on purpose, as torch's own errors do."""


class Stop(BaseException):
    """As when somebody presses Ctrl-C."""


class Subject(nn.Module):
    """Layers one after the other. Notes of each call: how many samples, modes, gradients on or off, graphs alive."""

    def __init__(self, layers: list[tuple[Any, ...]], journal: Journal, fails_at: int | None = None) -> None:
        super().__init__()
        self.layers = nn.Sequential(*(LAYERS[kind](*sizes) for kind, *sizes in layers))
        shared = Louder()
        for (kind, *_), layer in _zip(layers, self.layers, strict=True):
            if kind == "Tied":
                layer.weight = self.layers[0].weight
            elif kind == "Group":
                layer.append(shared)
        self.witness = Witness()
        self._journal, self._fails_at = journal, fails_at

    def forward(self, x: Tensor) -> Tensor:
        self._journal.note(
            "forward",
            size=x.size(0),
            training=[module.training for _, module in _named_modules(self)],
            grad=_is_grad_enabled(),
            alive=self.alive(),
            transformed=_transforms() is not None,
        )
        if len(self._journal.entries) == self._fails_at:
            raise Interruption
        outputs: Tensor = self.layers(x)
        return outputs if outputs.device.type != "cpu" or _transforms() is not None else self.witness(outputs)

    def alive(self) -> int:
        """Graphs of earlier calls that somebody still holds; cycles that wait for Python's collector don't count."""
        if self.witness.alive() > 2:
            _collect()
        return self.witness.alive()


def model_of(plan: Plan, journal: Journal, fails_at: int | None = None) -> Subject:
    """The model of a plan, with its contents, frozen parameters and modes."""
    model = _to(Subject(plan["layers"], journal, fails_at), plan["dtype"])
    _load(model, plan["state"])
    for name, parameter in _named_parameters(model):
        parameter.requires_grad_(name not in plan["frozen"])
    for name, module in _named_modules(model):
        module.training = name not in plan["evaluating"]
    return model


def optimizer_of(plan: Plan, model: nn.Module) -> torch.optim.Optimizer:
    kind, options, *others = plan["optimizer"]
    first, second = halves(model) if others else (list(model.parameters()), [])
    optimizer = OPTIMIZERS[kind](first, **options)
    for other in others:
        optimizer.add_param_group({"params": second, **other})
    return optimizer


def halves(model: nn.Module) -> tuple[list[nn.Parameter], list[nn.Parameter]]:
    """The parameters in two groups, the later layers first."""
    parameters = list(model.parameters())
    middle = len(parameters) // 2
    return parameters[middle:], parameters[:middle]


def set_gradients(model: nn.Module, gradients: dict[str, Tensor]) -> None:
    for name, parameter in _named_parameters(model):
        if name in gradients:
            parameter.grad = _move(gradients[name], parameter.device, parameter.dtype, copy=True)


def _gradients(model: nn.Module) -> dict[str, Any]:
    return {name: copied(parameter.grad) for name, parameter in _named_parameters(model)}


def _settings(loss_fn: Any = None) -> dict[str, Any]:
    """What holds for everything that runs afterwards, and what belongs to a loss function that is a module."""
    own = ("training", "reduction") if _isinstance(loss_fn, nn.Module) else ()
    return {f"{name} of loss_fn": _getattr(loss_fn, name) for name in own} | {
        "grad mode": _is_grad_enabled(),
        "anomaly detection": _is_anomaly(),
        "default dtype": str(_default_dtype()),
        "seed": _seed(),
    }


def _changed(before: dict[str, Any], loss_fn: Any = None) -> list[str]:
    """Names of the settings that are others now."""
    return [name for name, value in _settings(loss_fn).items() if value != before[name]]


def _state(model: nn.Module) -> dict[str, Tensor]:
    return copied(dict(_state_dict(model)))


def fits(module: types.ModuleType, name: str, calls: list[tuple[Any, ...]]) -> tuple[list[tuple[Any, Any]], list[str]]:
    """(value, (x, y) afterwards) of a fit for each call's arguments, x and y being the first; changed settings."""
    fit, before = task(module, name), _settings()
    return [(fit(*arguments), arguments[:2]) for arguments in calls], _changed(before)


def steps(
    module: types.ModuleType, plan: Plan, batches: list[Batch], stale: dict[str, Tensor], keywords: bool
) -> dict[str, Any]:
    """What train_step returns for each batch, the state of the model after it, and how the model was called."""
    journal = Journal()
    model = model_of(plan, journal)
    optimizer, loss_fn, step = optimizer_of(plan, model), LOSSES[plan["loss"]], task(module, "train_step")
    set_gradients(model, stale)
    before, losses, states = _settings(loss_fn), [], []
    for inputs, targets in batches:
        if keywords:
            loss = step(targets=targets, inputs=inputs, loss_fn=loss_fn, optimizer=optimizer, model=model)
        else:
            loss = step(model, optimizer, loss_fn, inputs, targets)
        losses.append(loss)
        states.append(_state(model))
    return {
        "losses": losses,
        "states": states,
        "calls": journal.entries,
        "flags": flags(model),
        "changed": _changed(before, loss_fn),
        "batches": batches,
    }


def steps_on(module: types.ModuleType, plan: Plan, batches: list[Batch], place: str) -> tuple[Any, Any]:
    """([losses, state], trace) of train_step with model and batches on the device."""
    model = _to(model_of(plan, Journal()), place)
    optimizer, loss_fn, step = optimizer_of(plan, model), LOSSES[plan["loss"]], task(module, "train_step")
    there = [(_move(inputs, place), _move(targets, place)) for inputs, targets in batches]
    with _trace(place) as trace:
        losses = [step(model, optimizer, loss_fn, inputs, targets) for inputs, targets in there]
    return [losses, _state(model)], trace.as_dict()


def history(module: types.ModuleType, plan: Plan, batch: Batch, stale: dict[str, Tensor]) -> dict[str, Any]:
    """What gradient_history returns, and the model afterwards."""
    journal = Journal()
    model = model_of(plan, journal)
    set_gradients(model, stale)
    loss_fn = LOSSES[plan["loss"]]
    before = _settings(loss_fn)
    found = task(module, "gradient_history")(model, optimizer_of(plan, model), loss_fn, *batch)
    return {
        "changed": _changed(before, loss_fn),
        "history": copied(found),
        "state": _state(model),
        "gradients": _gradients(model),
        "written": _written(found, 1.0),
        "state after writing": _state(model),
        "gradients after writing": _gradients(model),
        "calls": journal.entries,
        "flags": flags(model),
        "batch": batch,
    }


def _written(found: Any, first: float) -> Any:
    """Each tensor in nested lists, tuples and dicts is filled with a number of its own; then all are read."""
    tensors = list(_tensors(found))
    for k, tensor in _enumerate(tensors):
        _fill(_detach(tensor), first + k)
    return [copied(tensor) for tensor in tensors]


def _tensors(value: Any) -> Iterator[Tensor]:
    if _isinstance(value, Tensor):
        yield value
    elif _isinstance(value, (list, tuple, dict)):
        for item in value.values() if _isinstance(value, dict) else value:
            yield from _tensors(item)


def line_history(module: types.ModuleType, weight: float, bias: float, lr: float, x: Tensor, y: Tensor) -> Any:
    """What gradient_history returns for one nn.Linear(1, 1)."""
    model = nn.Linear(1, 1)
    _load(model, {"weight": torch.full((1, 1), weight), "bias": torch.full((1,), bias)})
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    return task(module, "gradient_history")(model, optimizer, LOSSES["mse"], x, y)


def _stream(batches: list[Batch], form: str, fails_at: int | None) -> Iterator[Any]:
    for k, (inputs, targets) in _enumerate(batches):
        if k == fails_at:
            raise Stop
        yield [inputs, targets] if form == "lists" else (inputs, targets)


class _Shut:
    """A loader that fails as soon as it is asked for an iterator."""

    def __iter__(self) -> Iterator[Any]:
        raise Stop


def evaluated(
    module: types.ModuleType,
    plan: Plan,
    batches: list[Batch],
    form: str,
    fails: tuple[str, int] | None,
    grad: bool,
    stale: dict[str, Tensor],
) -> dict[str, Any]:
    """What evaluate returns, or that it passed an exception on; how the model was called, and the model afterwards.

    `form` of the loader: "list", "generator", "loader" (a `Loader`) or "lists" (the batches are lists).
    `fails`: ("model" or "loader", when); the model raises an Exception, the loader none that `except Exception` holds;
    it can't even be begun if when is -1.
    `grad`: whether gradients are on when it is called.
    """
    journal, (where, when) = Journal(), fails or ("nowhere", 0)
    model = model_of(plan, journal, when if where == "model" else None)
    set_gradients(model, stale)
    value, passed_on, loss_fn = None, False, LOSSES[plan["loss"]]
    loader: Any = batches if form == "list" else _stream(batches, form, when if where == "loader" else None)
    if when < 0 or form == "loader":
        loader = _Shut() if when < 0 else Loader([batches])
    with _set_grad(grad):
        before = _settings(loss_fn)
        try:
            value = task(module, "evaluate")(model, loader, loss_fn, "cpu")
        except (Interruption, Stop):
            passed_on = True
        changed = _changed(before, loss_fn)
    return {
        "value": value,
        "passed on": passed_on,
        "calls": list(journal.entries),
        "flags": flags(model),
        "changed": changed,
        "state": _state(model),
        "gradients": _gradients(model),
        "batches": batches,
        "records": _records(model, batches[0][0]),
    }


def _records(model: nn.Module, inputs: Tensor) -> bool:
    """Whether a plain call of the model has a graph; its modes and buffers are no matter any more."""
    for _, module in _named_modules(model):
        module.training = False
    with _enable_grad():
        return _requires_grad(model(_detach(inputs)))


def evaluated_on(module: types.ModuleType, plan: Plan, batches: list[Batch], place: str) -> tuple[Any, Any]:
    """(value, trace) of evaluate with the model on the device and the batches on the CPU."""
    model, evaluate = _to(model_of(plan, Journal()), place), task(module, "evaluate")
    loss_fn = LOSSES[plan["loss"]]
    with _trace(place) as trace:
        value = evaluate(model, batches, loss_fn, place)
    return value, trace.as_dict()


class Loader:
    """Other batches in each pass, as with a DataLoader that shuffles; no batch holds the dataset's second half."""

    def __init__(self, passes: list[list[Batch]]) -> None:
        self._passes = passes
        self.begun = 0
        self.dataset = 2 * [sample for batch in passes[0] for sample in _zip(*batch, strict=True)]

    def __len__(self) -> int:
        return len(self._passes[0])

    def __iter__(self) -> Iterator[Batch]:
        self.begun += 1
        return iter(self._passes[(self.begun - 1) % len(self._passes)])


def trained(
    module: types.ModuleType,
    plan: Plan,
    passes: list[list[Batch]],
    epochs: int,
    options: list[Any] | dict[str, Any],
    again: int = 0,
) -> dict[str, Any]:
    """What train returns, how the model was called, and the model afterwards. `options`: max_norm, in either form.

    `again`: epochs of a second call, which has no max_norm.
    """
    journal, loader = Journal(), Loader(passes)
    model = model_of(plan, journal)
    optimizer, loss_fn, train = optimizer_of(plan, model), LOSSES[plan["loss"]], task(module, "train")
    before = _settings(loss_fn)
    if _isinstance(options, dict):
        value = train(model, loader, optimizer, loss_fn, epochs, "cpu", **options)
    else:
        value = train(model, loader, optimizer, loss_fn, epochs, "cpu", *options)
    if again:
        value = [value, train(model, loader, optimizer, loss_fn, again, "cpu", None)]
    return {
        "value": value,
        "state": _state(model),
        "calls": journal.entries,
        "alive": model.alive(),
        "graphs": model.witness.passes(),
        "flags": flags(model),
        "changed": _changed(before, loss_fn),
        "passes": passes,
    }


def trained_on(
    module: types.ModuleType, plan: Plan, passes: list[list[Batch]], max_norm: float, place: str
) -> tuple[Any, Any]:
    """([value, state], trace) of train with the model on the device and the batches on the CPU."""
    model, train = _to(model_of(plan, Journal()), place), task(module, "train")
    optimizer, loss_fn, loader = optimizer_of(plan, model), LOSSES[plan["loss"]], Loader(passes)
    with _trace(place) as trace:
        value = train(model, loader, optimizer, loss_fn, len(passes), place, max_norm=max_norm)
    return [value, _state(model)], trace.as_dict()


class _Scale(nn.Module):
    """The smallest model: one number."""

    def __init__(self, start: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.tensor(start))

    def forward(self, x: Tensor) -> Tensor:
        return x * self.weight


class _LeanSGD(torch.optim.SGD):
    """SGD without what torch wraps around it: a timed step should cost the loop's own work."""

    def zero_grad(self, set_to_none: bool = True) -> None:
        for parameter in self.param_groups[0]["params"]:
            parameter.grad = None

    def step(self, closure: Any = None) -> Any:
        loss = None if closure is None else closure()
        group = self.param_groups[0]
        for parameter in group["params"]:
            if parameter.grad is not None:
                parameter.data.sub_(parameter.grad, alpha=group["lr"])
        return loss

    step.hooked = True  # type: ignore[attr-defined]  # or the base class would wrap it


def trained_long(
    module: types.ModuleType, start: float, lr: float, inputs: Tensor, targets: Tensor
) -> tuple[Any, Tensor]:
    """What train returns for one epoch of very many small steps, and the number that was learnt."""
    model = _Scale(start)
    loader = list(_zip(_unbind(inputs), _unbind(targets), strict=True))
    value = task(module, "train")(model, loader, _LeanSGD(model.parameters(), lr=lr), F.mse_loss, 1, "cpu")
    return value, _detach(model.weight)


def accumulated(
    module: types.ModuleType, plan: Plan, rounds: list[list[Batch]], stale: dict[str, Tensor], form: str
) -> dict[str, Any]:
    """What accumulated_step returns in each round, the state after it, and how the model was called in it."""
    journal = Journal()
    model = model_of(plan, journal)
    optimizer, loss_fn, step = optimizer_of(plan, model), LOSSES[plan["loss"]], task(module, "accumulated_step")
    set_gradients(model, stale)
    before, losses, states, calls = _settings(loss_fn), [], [], []
    for pieces in rounds:
        losses.append(step(model, optimizer, loss_fn, pieces if form == "list" else _stream(pieces, form, None)))
        states.append(_state(model))
        calls.append([entry["size"] for entry in journal.entries])
        journal.entries.clear()
    return {
        "losses": losses,
        "states": states,
        "calls": calls,
        "flags": flags(model),
        "changed": _changed(before, loss_fn),
        "rounds": rounds,
    }
