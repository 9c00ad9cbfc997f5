"""Models that probes of modes hand to students' functions, built from a plan, and notes of what is done with them."""

import types
from typing import Any

import torch
from torch import Tensor, nn

from grader.confined.observing import Journal, Recorder, Witness, copied
from grader.confined.probing import task

_named_parameters, _load, _modules = nn.Module.named_parameters, nn.Module.load_state_dict, nn.Module.modules
_Module, _isinstance, _type, _is_grad = nn.Module, isinstance, type, torch.is_grad_enabled


def built(module: types.ModuleType, name: str, args: list[Any], kwargs: dict[str, Any]) -> nn.Module:
    """A new layer of the student's."""
    layer = task(module, name)(*args, **kwargs)
    if not _isinstance(layer, _Module):
        raise TypeError(f"{name}(…) is of type {_type(layer).__name__}, not an nn.Module")
    return layer


def inherited(module: types.ModuleType, name: str, args: list[Any], kwargs: dict[str, Any]) -> nn.Module:
    """A new layer of a class that inherits from the student's; the student's own where that can't be done."""
    try:
        return _type("Heir", (task(module, name),), {})(*args, **kwargs)  # type: ignore[no-any-return]
    except Exception:
        return built(module, name, args, kwargs)


class Sprung(Exception):
    """What a Trap raises, an iterable that breaks, and the body of a block."""


class Torn(BaseException):
    """The same, as an exception that `except Exception` does not see: what ctrl-C in a notebook is."""


RAISED = {"exception": Sprung, "base exception": Torn}


class Chain(nn.Module):
    """Its parts one after the other."""

    def __init__(self, parts: list[nn.Module]) -> None:
        super().__init__()
        for number, part in enumerate(parts):
            self.add_module(f"part{number}", part)

    def forward(self, x: Tensor) -> Tensor:
        for part in self._modules.values():
            x = part(x)  # type: ignore[misc]
        return x


class Frozen(Chain):
    """Its parts stay in eval mode whenever the mode of the whole is changed, as in fine-tuning."""

    def train(self, mode: bool = True) -> "Frozen":
        super().train(mode)
        for part in self.children():
            part.eval()
        return self


class AlwaysEval(Chain):
    """`train()` has no effect on it: only its flag, set by hand, has."""

    def train(self, mode: bool = True) -> "AlwaysEval":
        super().train(False)
        return self


class Centered(nn.Module):
    """Adds the mean of the batch: what a batch becomes depends on all of its rows."""

    def forward(self, x: Tensor) -> Tensor:
        return x + x.mean(dim=0)


class Noise(nn.Module):
    """Functional dropout that follows the flag of a module which is no dropout layer."""

    def forward(self, x: Tensor) -> Tensor:
        return nn.functional.dropout(x, 0.5, self.training)


class Total(nn.Module):
    """A 0-d result."""

    def forward(self, x: Tensor) -> Tensor:
        return x.sum()


class Trap(nn.Module):
    """Raises at call number `at`, counted from 0."""

    def __init__(self, at: int, kind: str = "exception") -> None:
        super().__init__()
        self.at, self.calls, self._raised = at, 0, RAISED[kind]

    def forward(self, x: Tensor) -> Tensor:
        self.calls += 1
        if self.calls > self.at:
            raise self._raised("the model")
        return x


class Standardize(nn.BatchNorm1d):
    """A batch norm by another name."""


class BatchNormLike(nn.LayerNorm):
    """No batch norm, for all its name."""


class WordDropout(nn.Dropout):
    """A dropout layer that is none of torch's own."""


class Heard(nn.Dropout):
    """Is dropout and nothing else, and notes its calls as Noting does."""

    def __init__(self, journal: Journal) -> None:
        super().__init__(0.5)
        self._journal = journal

    def forward(self, x: Tensor) -> Tensor:
        self._journal.note("forward", args=[copied(x)], kwargs={}, training=[self.training], grad=_is_grad())
        value = super().forward(x)
        self._journal.note("output", value=copied(value), alive=[])
        return value


METHODS = {"forward", "train", "eval", "__call__", "_call_impl", "requires_grad_", "modules", "children", "parameters"}
CONTAINERS = {"chain": Chain, "frozen": Frozen, "always eval": AlwaysEval}
SPECIAL = (Centered, Noise, Total, Standardize, BatchNormLike, WordDropout, Witness)
OTHERS = {found.__name__: found for found in SPECIAL}


def model_of(description: list[Any], module: types.ModuleType | None = None) -> nn.Module:
    """The model of a description.

    chain, frozen, always eval: parts ┆ layer: a class of OTHERS or of torch.nn, its arguments ┆ trap: number of the
    call, what it raises ┆ again: module number n, in the order in which they were built ┆ own, heir: a layer of the
    student's, or of a class that inherits from it, and its arguments; torch's in its place where there is no module.
    """
    return _part(description, module, [])


def _part(description: list[Any], module: types.ModuleType | None, made: list[nn.Module]) -> nn.Module:
    kind, *details = description
    if kind == "again":
        return made[details[0]]
    if kind in CONTAINERS:
        part: nn.Module = CONTAINERS[kind]([_part(one, module, made) for one in details[0]])
    elif kind == "trap":
        part = Trap(*details)
    else:
        name, args, kwargs = [*details, {}][:3]
        own = {"own": built, "heir": inherited}.get(kind) if module is not None else None
        part = own(module, name, args, kwargs) if own else _found(name)(*args, **kwargs)
    made.append(part)
    return part


def _found(name: str) -> Any:
    return OTHERS[name] if name in OTHERS else getattr(nn, name)


def set_modes(model: nn.Module, modes: list[bool]) -> None:
    """The flag of each module, in the order of `modules()`."""
    for one, mode in zip(_modules(model), modes, strict=True):
        one.training = mode


def modes_of(model: nn.Module) -> list[bool]:
    return [one.training for one in _modules(model)]


def patches_of(model: nn.Module) -> list[list[int]]:
    """The methods that stand in each module itself, in front of those of its class."""
    return [[id(vars(one)[name]) for name in METHODS & vars(one).keys()] for one in _modules(model)]


def prepared(plan: dict[str, Any], module: types.ModuleType | None = None) -> nn.Module:
    """The model of a plan: description, state, modes, names of frozen parameters."""
    model = model_of(plan["description"], module)
    if plan["state"] is not None:
        _load(model, plan["state"])
    for name, parameter in _named_parameters(model, remove_duplicate=False):
        if name in plan["frozen"]:
            parameter.requires_grad_(False)
    set_modes(model, plan["modes"])
    return model


class Noting(Recorder):
    """Notes of each call, besides what a Recorder notes, its output and how many earlier graphs are still alive."""

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        alive = [one.alive() for one in _modules(self) if _isinstance(one, Witness)]
        value = super().forward(*args, **kwargs)
        self._journal.note("output", value=copied(value), alive=alive)
        return value
