"""Observations of decoding: what a task computes with a language model, and what it feeds the model.

The models are built here from weights that come with the request, and every call of one is noted.
"""

import types
from typing import Any

import torch
from torch import Tensor, nn

from grader import accelerator
from grader.confined.observing import Journal, Recorder, copied, flags
from grader.confined.probing import moved, task

_stack, _full_like, _ones_like, _size = torch.stack, torch.full_like, torch.ones_like, Tensor.size
_embedding, _backward, _detach = nn.functional.embedding, Tensor.backward, Tensor.detach
_manual_seed, _rng_state, _equal, _initial_seed = (
    torch.manual_seed,
    torch.get_rng_state,
    torch.equal,
    torch.initial_seed,
)
_Module, _isinstance, _Tensor, _list, _all = nn.Module, isinstance, Tensor, list, all
_to, _train, _load, _named_parameters = _Module.to, _Module.train, _Module.load_state_dict, _Module.named_parameters
_trace, _is_grad_enabled, _set_grad = accelerator.trace, torch.is_grad_enabled, torch.set_grad_enabled
_is_inference = Tensor.is_inference
_requires_grad = vars(torch._C.TensorBase)["requires_grad"].__get__


class Memory:
    """A state that says nothing about what it is made of, and is neither None nor true."""

    def __init__(self, number: Tensor) -> None:
        self.number = number

    def __bool__(self) -> bool:
        return False

    def __len__(self) -> int:
        return 0


NOTHING = (0, (), False, [], {}, "")


class Machine(nn.Module):
    """Its state is a number that each token changes, so that it tells one prefix from another; a row of logits each.

    A `brief` one remembers no more than that it has begun: each state is another of the plain values that are false.
    """

    def __init__(self, states: int, tokens: int, turn: int, step: int, start: int, brief: bool) -> None:
        super().__init__()
        self.table = nn.Parameter(torch.zeros(states, tokens))
        self._rule, self._brief, self._calls = (states, turn, step, start), brief, 0

    def forward(self, ids: Tensor, state: Any = None) -> tuple[Tensor, Any]:
        if self._brief:
            return self._briefly(ids, state is None)
        states, turn, step, start = self._rule
        number = _full_like(ids[:, 0], start) if state is None else state.number
        numbers = []
        for t in range(_size(ids, 1)):
            number = (number * turn + ids[:, t] * step + 1) % states
            numbers.append(number)
        return _embedding(_stack(numbers, 1), self.table), Memory(number)

    def _briefly(self, ids: Tensor, begins: bool) -> tuple[Tensor, Any]:
        states, turn, step, start = self._rule
        number = ids * step + 1
        if begins:
            number[:, 0] += start * turn
        self._calls += 1
        return _embedding(number % states, self.table), NOTHING[(self._calls - 1) % len(NOTHING)]


class Recurrent(nn.Module):
    """Embedding, GRU or LSTM, and Linear; the state is the layer's own, a tensor or a tuple."""

    def __init__(self, cell: str, tokens: int, hidden: int, layers: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(tokens, hidden)
        self.rnn = getattr(nn, cell)(hidden, hidden, layers, batch_first=True)
        self.output = nn.Linear(hidden, tokens)

    def forward(self, ids: Tensor, state: Any = None) -> tuple[Tensor, Any]:
        hidden, state = self.rnn(self.embedding(ids), state)
        return self.output(hidden), state


MODELS = {"machine": Machine, "recurrent": Recurrent}


def model_of(kind: str, sizes: list[Any], weights: dict[str, Tensor]) -> nn.Module:
    """The model of a description, in the dtype of its weights."""
    model: nn.Module = MODELS[kind](*sizes)
    _to(model, next(iter(weights.values())).dtype)
    _load(model, weights)
    return model


def _alike(state: Any, other: Any) -> bool:
    """The same object, an equal tensor, or a tuple of such: a state may have been unpacked and packed again."""
    if state is other:
        return True
    if _isinstance(state, _Tensor) and _isinstance(other, _Tensor):
        return _equal(state, other)
    pair = _isinstance(state, (tuple, list)) and _isinstance(other, (tuple, list)) and len(state) == len(other)
    return pair and _all(_alike(one, two) for one, two in zip(state, other, strict=True))


class Observed(Recorder):
    """Notes of each call: the ids, whether the state is the one that was returned last, whether a graph is built."""

    def __init__(self, inner: nn.Module) -> None:
        super().__init__(inner, Journal())
        self._last: Any = None

    def again(self, training: bool, frozen: bool) -> "Observed":
        """The same model, as new: without notes, with known gradients; of a frozen one a part can't be trained."""
        self._journal, self._last = Journal(), None
        for _, parameter in _named_parameters(self):
            parameter.requires_grad, parameter.grad = True, _ones_like(parameter)
        _train(self, training)
        if frozen and _isinstance(self.inner, Recurrent):
            self.inner.embedding.weight.requires_grad = False
        return self

    def notes(self) -> list[dict[str, Any]]:
        return _list(self._journal.entries)

    def forward(self, ids: Tensor, state: Any = None) -> Any:
        # Notes only what was fed: a copy of every state would cost more than the model.
        kept = "none" if state is None else ("last" if _alike(state, self._last) else "other")
        self._journal.note("forward", ids=copied(ids), state=kept)
        logits, self._last = self.inner(ids, state)
        self._journal.entries[-1]["graph"] = _requires_grad(logits)
        return logits, self._last


def observed(function: Any, model: Observed, run: dict[str, Any]) -> dict[str, Any]:
    """One call with a model: its value, the calls of the model, tensors and flags afterwards, and gradients if asked.

    A run holds `args` behind the model and whether gradients are on, and may hold `kwargs` and `backward`.
    """
    args, kwargs, seed = run["args"], run.get("kwargs", {}), _initial_seed()
    with _set_grad(run["grad"]):
        before = {**flags(model), "grad": _is_grad_enabled()}
        value = function(model, *args, **kwargs)
        after = {**flags(model), "grad": _is_grad_enabled()}
    calls, seeded = model.notes(), _initial_seed() != seed
    clean = _all(_is_ones(parameter.grad) for _, parameter in _named_parameters(model))
    for _, parameter in _named_parameters(model):
        parameter.grad = None
    if run.get("backward") and _isinstance(value, _Tensor) and _requires_grad(value):
        _backward(value)
    tensors = [_detach(argument) for argument in (*args, *kwargs.values()) if _isinstance(argument, _Tensor)]
    gradients = {name: parameter.grad for name, parameter in _named_parameters(model.inner)}
    seen = {"value": value, "calls": calls, "tensors": tensors, "gradients": gradients}
    inference = _isinstance(value, _Tensor) and _is_inference(value)
    return seen | {"flags": [before, after], "clean": clean, "seeded": seeded, "inference": inference}


def _is_ones(gradient: Any) -> bool:
    return _isinstance(gradient, _Tensor) and _equal(gradient, _ones_like(gradient))


def all_observed(module: types.ModuleType, name: str, runs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Several runs, each with its `model` (kind, sizes, weights); None is that of the run before."""
    function, model, replies = task(module, name), None, []
    for run in runs:
        if run["model"] is not None:
            model = Observed(model_of(*run["model"]))
        replies.append(observed(function, model.again(run["training"], "backward" not in run), run))
    return replies


def values(module: types.ModuleType, name: str, model: tuple[Any, ...], calls: list[tuple[Any, ...]]) -> list[Any]:
    """The values alone, of many calls with one model."""
    function = task(module, name)
    one = model_of(*model)
    return [function(one, *args) for args in calls]


def with_generators(
    module: types.ModuleType, name: str, run: dict[str, Any], one: list[Any], seeds: list[int]
) -> dict[str, Any]:
    """Two calls with each of these generators, then two without one after each of these seeds of torch's own."""
    function = task(module, name)
    model = model_of(*run["model"])
    before = _rng_state()
    drawn = [[function(model, *run["args"], generator=generator) for _ in range(2)] for generator in one]
    kept = _equal(_rng_state(), before)
    alone = []
    for seed in seeds:
        _manual_seed(seed)
        alone.append([function(model, *run["args"]), function(model, *run["args"])])
    return {"drawn": drawn, "kept": kept, "alone": alone}


def on_device(module: types.ModuleType, name: str, run: dict[str, Any], place: str) -> tuple[Any, Any]:
    """(value, trace) of one call with the model and all tensors on the device."""
    function = task(module, name)
    model = _to(model_of(*run["model"]), place)
    args = [moved(argument, place) for argument in run["args"]]
    with _trace(place) as trace:
        value = function(model, *args)
    return value, trace.as_dict()


def made(module: types.ModuleType, tokens: list[list[int]], *args: Any, **kwargs: Any) -> tuple[Any, Any]:
    """The value of make_inputs_and_labels, and the lists afterwards."""
    value = task(module, "make_inputs_and_labels")(tokens, *args, **kwargs)
    return value, tokens


class Fast(nn.Module):
    """A model for timing, as cheap as can be: a row of logits for each token."""

    def __init__(self, table: Tensor) -> None:
        super().__init__()
        self.table = nn.Parameter(table)

    def forward(self, ids: Tensor, state: Any = None) -> tuple[Tensor, Any]:
        return _embedding(ids, self.table), ids[:, -1]


def many(module: types.ModuleType, name: str, table: Tensor, calls: list[tuple[Any, ...]]) -> list[Any]:
    """The values of many calls with one fast model."""
    function = task(module, name)
    model = Fast(table)
    return [function(model, *call) for call in calls]
