"""Language models as descriptions for `probes.teacher_forcing`, and what they compute, in float64 and without a state.

Every model is a function of the whole prefix, so that a state that is dropped, stale or another row's shows in values.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

Weights = Mapping[str, Tensor]
GAP = 1e-3  # between the two most probable tokens: no rounding turns them round


@dataclass(frozen=True)
class Sketch:
    """A model with drawn weights; `kind` and `sizes` are those of `probes.teacher_forcing.MODELS`."""

    kind: str
    sizes: list[Any]
    weights: Weights

    @property
    def tokens(self) -> int:
        """The size of the vocabulary."""
        last: Tensor = list(self.weights.values())[-1]
        return last.size(-1) if self.kind != "recurrent" else last.size(0)

    @property
    def brief(self) -> bool:
        """Whether its states are plain values that are false."""
        return self.kind == "machine" and bool(self.sizes[-1])

    @property
    def request(self) -> tuple[Any, ...]:
        return self.kind, self.sizes, dict(self.weights)

    def wide(self) -> dict[str, Tensor]:
        """Leaves in float64."""
        return {name: value.double().requires_grad_() for name, value in self.weights.items()}

    def logits(self, ids: Tensor, weights: Weights | None = None) -> Tensor:
        """(B, T) to (B, T, V)."""
        forward = {"machine": _machine, "recurrent": _recurrent}[self.kind]
        return forward(self.sizes, weights or {name: value.double() for name, value in self.weights.items()}, ids)

    def best(self, ids: Tensor) -> Tensor:
        """The most probable token after each prefix, (B, T)."""
        return self.logits(ids).argmax(-1)

    def free(self, first: Tensor, length: int) -> Tensor:
        """(B, T0) to (B, length): the model goes on, each row for ever."""
        if self.kind == "machine":
            return self._free_machine(first, length)
        while first.size(1) < length:
            first = torch.cat([first, self.best(first)[:, -1:]], 1)
        return first

    def _free_machine(self, first: Tensor, length: int) -> Tensor:
        """The same without running a prefix again."""
        states, _, turn, step, _, brief = self.sizes
        best, number = self.weights["table"].argmax(1), _numbers(self.sizes, first)[-1]
        columns = [first]
        for _ in range(length - first.size(1)):
            columns.append(best[number][:, None])
            number = ((0 if brief else turn * number) + step * columns[-1][:, 0] + 1) % states
        return torch.cat(columns, 1)

    def forgetful(self, first: Tensor, length: int) -> Tensor:
        """The same, if the state is dropped after each token that the model writes."""
        if first.size(1) < length:
            first = torch.cat([first, self.best(first)[:, -1:]], 1)
        while first.size(1) < length:
            first = torch.cat([first, self.best(first[:, -1:])], 1)
        return first

    def decided(self, ids: Tensor) -> bool:
        """No choice along these tokens is a close one."""
        top = self.logits(ids).topk(2).values
        return bool((top[..., 0] - top[..., 1] > GAP).all())


def _machine(sizes: list[int], weights: Weights, ids: Tensor) -> Tensor:
    return weights["table"][torch.stack(_numbers(sizes, ids), 1)]


def _numbers(sizes: list[int], ids: Tensor) -> list[Tensor]:
    """The state after each token; of a brief machine what it had to be, if each state followed from the one before."""
    states, _, turn, step, start, brief = sizes
    number = torch.full((len(ids),), start)
    numbers = []
    for t in range(ids.size(1)):
        number = ((0 if brief and t else turn * number) + step * ids[:, t] + 1) % states
        numbers.append(number)
    return numbers


def _recurrent(sizes: list[Any], weights: Weights, ids: Tensor) -> Tensor:
    cell, _, hidden, layers = sizes
    outputs = list(weights["embedding.weight"][ids].unbind(1))
    for layer in range(layers):
        names = [f"rnn.{kind}_l{layer}" for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")]
        w_ih, w_hh, b_ih, b_hh = (weights[name] for name in names)
        h = c = torch.zeros(len(ids), hidden, dtype=torch.float64)
        for t, x in enumerate(outputs):
            h, c = (_gru if cell == "GRU" else _lstm)(x @ w_ih.T + b_ih, h @ w_hh.T + b_hh, h, c)
            outputs[t] = h
    return torch.stack(outputs, 1) @ weights["output.weight"].T + weights["output.bias"]


def _gru(x: Tensor, y: Tensor, h: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
    (xr, xz, xn), (yr, yz, yn) = x.chunk(3, 1), y.chunk(3, 1)
    z = (xz + yz).sigmoid()
    return (1 - z) * (xn + (xr + yr).sigmoid() * yn).tanh() + z * h, c


def _lstm(x: Tensor, y: Tensor, h: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
    i, f, g, o = (x + y).chunk(4, 1)
    c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    return o.sigmoid() * c.tanh(), c


def clear(logits: Tensor) -> Tensor:
    """The same logits with the largest of each row lifted, so that no two tie."""
    top = logits.max(-1, keepdim=True)
    return logits.scatter(-1, top.indices, top.values + 0.1)


def machine(
    fresh: Any, tokens: int, *, dtype: torch.dtype = torch.float32, low: int | None = None, brief: bool = False
) -> Sketch:
    """A machine over this vocabulary, which never writes the token `low`; a `brief` one has states that are false."""
    states = fresh.choice([53, 59, 61, 67])
    table = 1.5 * fresh.normal(states, tokens, dtype=torch.float64)
    if low is not None:
        table[:, low] -= 20
    turn, step = fresh.integer(2, 9), fresh.integer(2, 5)
    starts = [n for n in range(1, 51) if all((turn * n + step * token + 1 - n) % states for token in range(tokens))]
    if brief:
        best = table.argmax(1)
        later = best[(step * torch.arange(tokens) + 1) % states]
        at_once = {n: best[(turn * n + step * torch.arange(tokens) + 1) % states] for n in starts}
        starts = [n for n, first in at_once.items() if (first != later).all()]  # no token is followed as at the start
        if not starts:
            return machine(fresh, tokens, dtype=dtype, low=low, brief=True)
    sizes = [states, tokens, turn, step, fresh.choice(starts), brief]  # every token leads away from the start
    return Sketch("machine", sizes, {"table": telling(fresh, clear(table)).to(dtype)})


def telling(fresh: Any, logits: Tensor) -> Tensor:
    """The same probabilities, by logits of which the largest, cut to an id, is never that of its token."""
    top, rest = logits.max(-1, keepdim=True), logits.size(-1) - 2
    turned = top.indices - 2 + fresh.integers(1, rest - 1, *top.indices.shape)
    return logits - top.values + 2 + turned % rest + fresh.integer(13, 51) / 64  # half precision holds the largest


def recurrent(fresh: Any, cell: str, tokens: int) -> Sketch:
    """A GRU in float32 or an LSTM in float64: the first LSTM in float32 costs a new process 30 ms."""
    dtype = torch.float32 if cell == "GRU" else torch.float64
    hidden, layers = fresh.integer(3, 5), fresh.integer(1, 2)
    gates = hidden * (3 if cell == "GRU" else 4)
    shapes = {"embedding.weight": (tokens, hidden)}
    for layer in range(layers):
        shapes |= {f"rnn.weight_{of}_l{layer}": (gates, hidden) for of in ("ih", "hh")}
        shapes |= {f"rnn.bias_{of}_l{layer}": (gates,) for of in ("ih", "hh")}
    shapes |= {"output.weight": (tokens, hidden), "output.bias": (tokens,)}
    weights = {name: fresh.normal(*shape, dtype=torch.float64).to(dtype) for name, shape in shapes.items()}
    weights["output.weight"] *= 2
    return Sketch("recurrent", [cell, tokens, hidden, layers], weights)


def settled(fresh: Any, cell: str, tokens: int, first: Tensor, length: int) -> Sketch:
    """A recurrent model whose every choice, when it goes on with these tokens, is a clear one."""
    while True:
        model = recurrent(fresh, cell, tokens)
        if model.decided(model.free(first, length)):
            return model
