"""What the classes of modules compute, in float64, and what their known mistakes compute instead."""

from collections.abc import Callable, Mapping

import torch
import torch.nn.functional as F
from torch import Tensor

Weights = Mapping[str, Tensor]
Forward = Callable[[Weights, Tensor], list[Tensor]]

SHARED = "one layer stands in several places, so that they share their weights"
SORTED = "the layers are taken in the order of their names as strings, where 10 stands before 2"


def linear_names(count: int, dim: int) -> dict[str, tuple[int, ...]]:
    both = {"weight": (dim, dim), "bias": (dim,)}
    return {f"linear_list.{k}.{name}": size for k in range(count) for name, size in both.items()}


def parallel(weights: Weights, x: Tensor) -> list[Tensor]:
    count = len(weights) // 2
    return [F.linear(x, weights[f"linear_list.{k}.weight"], weights[f"linear_list.{k}.bias"]) for k in range(count)]


def parallel_mistakes(weights: Weights, x: Tensor, k: int) -> dict[str, Tensor]:
    right_ones = parallel(weights, x)
    chain = x
    for j in range(k + 1):
        chain = F.linear(chain, weights[f"linear_list.{j}.weight"], weights[f"linear_list.{j}.bias"])
    return {
        SORTED: right_ones[sorted(range(len(right_ones)), key=str)[k]],
        "the layers form a chain: each gets the output of the one before, not the input": chain,
        SHARED: right_ones[-1],
        "the outputs are in the wrong order": right_ones[len(right_ones) - 1 - k],
        "every output comes from the first layer": right_ones[0],
        "the bias is left out": right_ones[k] - weights[f"linear_list.{k}.bias"],
    }


def classifier_names(in_dim: int, hidden: int, classes: int) -> dict[str, tuple[int, ...]]:
    first = {"layers.0.weight": (hidden, in_dim), "layers.0.bias": (hidden,)}
    return first | {"layers.2.weight": (classes, hidden), "layers.2.bias": (classes,)}


def classify(weights: Weights, x: Tensor, between: Callable[[Tensor], Tensor] = torch.relu) -> Tensor:
    inner = between(F.linear(x, weights["layers.0.weight"], weights["layers.0.bias"]))
    return F.linear(inner, weights["layers.2.weight"], weights["layers.2.bias"])


def classifier_mistakes(weights: Weights, x: Tensor) -> dict[str, Tensor]:
    logits = classify(weights, x)
    others = {
        "tanh": torch.tanh,
        "sigmoid": torch.sigmoid,
        "GELU": F.gelu,
        "leaky ReLU": F.leaky_relu,
        "ReLU6": F.relu6,
    }
    return {
        "no ReLU between the two Linear layers": classify(weights, x, lambda inner: inner),
        "softmax behind the last layer: logits are meant": logits.softmax(-1),
        "log_softmax behind the last layer: logits are meant": logits.log_softmax(-1),
        "softmax over the batch": logits.softmax(0),
        "sigmoid behind the last layer: logits are meant": logits.sigmoid(),
        "ReLU behind the last layer cuts the negative logits": logits.relu(),
    } | {f"{name} where ReLU is meant": classify(weights, x, other) for name, other in others.items()}


def block_of(weights: Weights, names: list[str], x: Tensor, between: Callable[[Tensor], Tensor] = torch.relu) -> Tensor:
    inner = between(F.linear(x, weights[names[0]], weights[names[1]]))
    return F.linear(inner, weights[names[2]], weights[names[3]])


def residual(roles: list[list[str]]) -> Forward:
    def forward(weights: Weights, x: Tensor) -> list[Tensor]:
        for names in roles:
            x = x + block_of(weights, names, x)
        return [x]

    return forward


def either_order(roles: list[list[str]]) -> list[Forward]:
    """A block may register its second Linear first."""
    return [residual(roles), residual([[*names[2:], *names[:2]] for names in roles])]


def residual_mistakes(weights: Weights, roles: list[list[str]], x: Tensor) -> dict[str, Tensor]:
    plain = without_relu = outer = x
    for names in roles:
        plain = block_of(weights, names, plain)
        without_relu = without_relu + block_of(weights, names, without_relu, lambda inner: inner)
        outer = (outer + block_of(weights, names, outer)).relu()
    repeated = residual([roles[-1]] * len(roles))(weights, x)[0]
    return {
        "the skip connection is missing: block(x) where x + block(x) is meant": plain,
        "one skip connection around all blocks instead of one around each": x + plain,
        "no ReLU inside the blocks": without_relu,
        "ReLU behind the sum: x + block(x) is meant": outer,
        "every block gets the first input, not the result of the block before": x
        + sum((block_of(weights, names, x) for names in roles), torch.zeros(())),
        SHARED: repeated,
        SORTED: residual([roles[k] for k in sorted(range(len(roles)), key=str)])(weights, x)[0],
        "only the first block is applied": residual(roles[:1])(weights, x)[0],
        "the last block is left out": residual(roles[:-1])(weights, x)[0],
    }


def sinusoids(dim: int, max_len: int, *, first: int = 0, exponent: Callable[[Tensor], Tensor] | None = None) -> Tensor:
    """The table in float64; `first` and `exponent` (of the column) are there to make wrong ones."""
    column = torch.arange(dim, dtype=torch.float64)
    power = exponent(column) if exponent else column // 2 * 2 / dim
    angle = torch.arange(first, first + max_len, dtype=torch.float64)[:, None] * 10000.0**-power
    return torch.where(column % 2 == 0, angle.sin(), angle.cos())


def table_mistakes(dim: int, max_len: int) -> dict[str, Tensor]:
    right_one = sinusoids(dim, max_len)
    half = (dim + 1) // 2
    return {
        "sines in the first half and cosines in the second: they alternate": torch.cat(
            [right_one[:, 0::2], right_one[:, 1::2]], 1
        ),
        "cosines in the even columns and sines in the odd ones": torch.stack(
            [right_one[:, 1::2], right_one[:, 0 : 2 * (dim // 2) : 2]], 2
        ).flatten(1),
        "the exponent of the odd columns is their own number: sine and cosine share an angle": sinusoids(
            dim, max_len, exponent=lambda column: column / dim
        ),
        "the exponent is i/dim where 2i/dim is meant": sinusoids(
            dim, max_len, exponent=lambda column: column // 2 / dim
        ),
        "the exponent is 4i/dim where 2i/dim is meant": sinusoids(
            dim, max_len, exponent=lambda column: column // 2 * 4 / dim
        ),
        "the exponent runs from 0 to 1 over the columns: 2i/dim is meant": sinusoids(
            dim, max_len, exponent=lambda column: column // 2 / max(1, half - 1)
        ),
        "the sign of the exponent is wrong": sinusoids(dim, max_len, exponent=lambda column: -(column // 2 * 2 / dim)),
        "positions are counted from 1": sinusoids(dim, max_len, first=1),
        "sines only": sinusoids(dim + 1, max_len)[:, 0:1] if dim == 1 else _sines(dim, max_len),
        "zeros": torch.zeros(max_len, dim, dtype=torch.float64),
    }


def _sines(dim: int, max_len: int) -> Tensor:
    column = torch.arange(dim, dtype=torch.float64)
    return (torch.arange(max_len, dtype=torch.float64)[:, None] * 10000.0 ** -(column // 2 * 2 / dim)).sin()


def added_mistakes(table: Tensor, x: Tensor, own: Tensor) -> dict[str, Tensor]:
    length = x.size(1)
    batched = table[: x.size(0), None] if x.size(0) <= table.size(0) else table[:1, None]
    return {
        "forward does not use the buffer: a loaded table has no effect": x + own[:length],
        "the table is indexed by the batch, not by the position": x + batched,
        "x is scaled by sqrt(dim): forward only adds": x * x.size(2) ** 0.5 + table[:length],
        "the table is multiplied, not added": x * table[:length],
        "the last rows of the table, not the first": x + table[table.size(0) - length :],
        "the first row of the table at every position": x + table[:1],
        "forward returns the table alone": table[:length].expand_as(x),
        "forward returns x as it is": x,
    }


def stacked_shapes(count: int, dim: int) -> dict[str, tuple[int, ...]]:
    return {"weight": (count, dim, dim), "bias": (count, dim)}


def stacked(weights: Weights, x: Tensor) -> list[Tensor]:
    return [x @ weights["weight"].transpose(1, 2) + weights["bias"][:, None]]


def stacked_mistakes(weights: Weights, x: Tensor) -> dict[str, Tensor]:
    (expected,) = stacked(weights, x)
    near = {
        "weight[k] is not transposed: it is (out, in), as Linear.weight": x @ weights["weight"]
        + weights["bias"][:, None],
        "the first two dims are exchanged: (count, B, dim) is meant": expected.transpose(0, 1),
        "the bias is left out": x @ weights["weight"].transpose(1, 2),
        "the first map stands in every place": expected[:1].expand_as(expected),
        "the maps are summed": expected.sum(0),
    }
    if x.size(0) == expected.size(0):
        by_row = x @ weights["weight"].transpose(1, 2) + weights["bias"]
        near["the bias is broadcast along the batch: row k of the batch gets bias k"] = by_row
    return near
