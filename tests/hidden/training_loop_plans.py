"""Random models, optimizers and batches as plans for `probes.training_loop`."""

from typing import Any

import torch
from probes.training_loop import Batch, Plan, Subject
from torch import Tensor

from grader.confined.observing import Journal

MOMENTUM = ("SGD", {"lr": 0.1, "momentum": 0.9, "weight_decay": 0.2}, {"lr": 0.05})  # in two groups
GROUPS = ("SGD", {"lr": 0.1}, {"lr": 0.05})
DECAYING = ("SGD", {"lr": 0.2, "weight_decay": 0.1})
PLAIN = ("SGD", {"lr": 0.1})
ADAMW = ("AdamW", {"lr": 0.05})


def contents(fresh: Any, layers: list[tuple[Any, ...]]) -> dict[str, Tensor]:
    """Fresh values for everything that these layers hold; activations stay of order 1."""
    state = {}
    for name, value in Subject(layers, Journal()).state_dict().items():
        drawn = fresh.normal(*value.shape)
        if name.endswith("running_var"):
            drawn = 0.5 + drawn.abs()
        elif name.endswith("num_batches_tracked"):
            drawn = fresh.integers(1, 9)
        elif value.dim() > 1:
            drawn = drawn / value.size(1) ** 0.5
        state[name] = drawn
    return state


def plan(
    fresh: Any,
    layers: list[tuple[Any, ...]],
    loss: str,
    optimizer: tuple[str, dict[str, Any]] = PLAIN,
    *,
    dtype: torch.dtype = torch.float32,
    frozen: tuple[str, ...] = (),
    evaluating: tuple[str, ...] = (),
) -> Plan:
    return {
        "layers": layers,
        "state": contents(fresh, layers),
        "loss": loss,
        "optimizer": optimizer,
        "dtype": dtype,
        "frozen": list(frozen),
        "evaluating": list(evaluating),
    }


def perceptron(features: int, hidden: int, outputs: int) -> list[tuple[Any, ...]]:
    return [("Linear", features, hidden), ("Tanh",), ("Linear", hidden, outputs)]


def moody(features: int, hidden: int, outputs: int) -> list[tuple[Any, ...]]:
    """With a layer whose outputs show the mode."""
    return [("Linear", features, hidden), ("Louder",), ("Tanh",), ("Linear", hidden, outputs)]


def normed(features: int, hidden: int, outputs: int) -> list[tuple[Any, ...]]:
    """With a batch norm, which counts how often the model is called, and a layer whose outputs show the mode."""
    return [("Linear", features, hidden), ("BatchNorm1d", hidden), ("Louder",), ("Linear", hidden, outputs)]


def tied(features: int, outputs: int) -> list[tuple[Any, ...]]:
    """With one weight for two layers."""
    return [("Linear", features, features), ("Tanh",), ("Tied", features, features), ("Linear", features, outputs)]


def shared(features: int, hidden: int, outputs: int) -> list[tuple[Any, ...]]:
    """As dropping, and one layer stands under two parents: layers.3 and layers.4."""
    *before, last = dropping(features, hidden, outputs)
    return [*before, ("Group",), ("Group",), last]


def dropping(features: int, hidden: int, outputs: int) -> list[tuple[Any, ...]]:
    """With a dropout and a batch norm: in train mode no two outputs are alike."""
    return [("Linear", features, hidden), ("BatchNorm1d", hidden), ("Dropout", 0.5), ("Linear", hidden, outputs)]


def width(plan: Plan) -> tuple[int, int]:
    """Features in and out."""
    linear = [sizes for kind, *sizes in plan["layers"] if kind == "Linear"]
    return linear[0][0], linear[-1][1]


def batches(fresh: Any, plan: Plan, *sizes: int) -> list[Batch]:
    """Batches of these sizes that fit a plan's model and loss, in its dtype."""
    features, outputs = width(plan)
    pairs = []
    for size in sizes:
        inputs = fresh.normal(size, features, dtype=plan["dtype"])
        if plan["loss"] in ("cross entropy", "smoothed"):
            targets = fresh.integers(0, outputs - 1, size)
        else:
            targets = fresh.normal(size, outputs, dtype=plan["dtype"])
        pairs.append((inputs, targets))
    return pairs


def stale(fresh: Any, plan: Plan) -> dict[str, Tensor]:
    """Gradients from before for every parameter that is trained."""
    model = Subject(plan["layers"], Journal())
    return {
        name: fresh.normal(*parameter.shape, dtype=plan["dtype"])
        for name, parameter in model.named_parameters()
        if name not in plan["frozen"]
    }
