"""Batch norm in float64, right (by torch's own layer) and wrong in the ways that people do it."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from grader.judge import described, dtype, exactly, expect, shape, tensor
from grader.verdicts import Failed

ULPS = 512  # a division by a small spread of values of order 1

NO_GRAPH = "the running averages keep the graph: update them from detached values"
WRITTEN = "forward writes to its input"
CUT = "the graph is cut: batch statistics are part of the function, and gradients flow through them"
KEPT = "what an earlier call in eval mode made of the state is kept: the state may have been loaded or changed since"
FROZEN = "the running averages stand still where weight and bias are frozen: only eval mode stops them"
BUFFERS = {"running_mean": "running_mean", "running_var": "running_var"}

State = Mapping[str, Tensor]


class Right(nn.BatchNorm1d):
    """Torch's layer in float64, with this state."""

    def __init__(self, state: State, eps: float, momentum: float) -> None:
        super().__init__(len(state["weight"]), eps=eps, momentum=momentum, dtype=torch.float64)
        self.load_state_dict(dict(state))


def drawn_state(fresh: Any, features: int, new: bool = False) -> dict[str, Tensor]:
    """Random contents of a layer; its running values may be those of a new one."""
    affine = {"weight": fresh.normal(features) + 2, "bias": fresh.normal(features)}
    if new:
        start = {"running_mean": torch.zeros(features), "running_var": torch.ones(features)}
        return {**affine, **start, "num_batches_tracked": torch.tensor(0)}
    return {
        **affine,
        "running_mean": fresh.normal(features),
        "running_var": fresh.normal(features).abs() + 0.5,
        "num_batches_tracked": fresh.integers(3, 50).reshape(()),
    }


def drawn_batch(fresh: Any, rows: int, features: int, dtype: torch.dtype = torch.float32) -> Tensor:
    """Features of different mean and spread."""
    spread, mean = fresh.normal(features).abs() + 0.3, fresh.normal(features)
    return (fresh.normal(rows, features, dtype=torch.float64) * spread + mean).to(dtype)


def output_mistakes(
    state: State, x: Tensor, eps: float, momentum: float, training: bool
) -> dict[str, Callable[[], Tensor]]:
    """Sentence to what the output then is."""
    weight, bias, mean, var = (state[name].double() for name in ("weight", "bias", "running_mean", "running_var"))
    x = x.double()

    def normal(mean: Tensor, std: Tensor, weight: Tensor = weight, bias: Tensor = bias) -> Tensor:
        return (x - mean) / std * weight + bias

    batch_mean = x.mean(0)
    batch_var = (x - batch_mean).square().mean(0)
    unbiased = batch_var * len(x) / max(len(x) - 1, 1)
    own_mean, own_var = (batch_mean, batch_var) if training else (mean, var)
    root, one, zero = (own_var + eps).sqrt(), torch.ones_like(weight), torch.zeros_like(bias)
    found = {
        "eps is added to the standard deviation, not to the variance": lambda: normal(own_mean, own_var.sqrt() + eps),
        "eps is left out": lambda: normal(own_mean, own_var.sqrt()),
        "another eps is used than the layer was built with": lambda: normal(own_mean, (own_var + 1e-5).sqrt()),
        "the root is missing: divided by the variance": lambda: normal(own_mean, own_var + eps),
        "weight and bias are left out": lambda: normal(own_mean, root, one, zero),
        "the bias is left out": lambda: normal(own_mean, root, weight, zero),
        "the weight is left out": lambda: normal(own_mean, root, one, bias),
        "the mean is not subtracted": lambda: normal(zero, root),
        "scale and shift are exchanged": lambda: normal(own_mean, root, bias, weight),
        "the shift comes before the scale": lambda: ((x - own_mean) / root + bias) * weight,
    }
    if training:
        found |= {
            "the batch is normalized by the unbiased variance": lambda: normal(batch_mean, (unbiased + eps).sqrt()),
            "the running averages are used in training, too": lambda: normal(mean, (var + eps).sqrt()),
            "the running averages are used in training, too, once they are updated": lambda: normal(
                mean + momentum * (batch_mean - mean), (var + momentum * (unbiased - var) + eps).sqrt()
            ),
            "one mean and variance for all features": lambda: normal(x.mean(), (x.var(correction=0) + eps).sqrt()),
            "each row is normalized, not each feature: layer norm": lambda: _rows(x, eps) * weight + bias,
        }
    elif len(x) > 1:
        found |= {
            "batch statistics are used in eval mode, too": lambda: normal(batch_mean, (batch_var + eps).sqrt()),
            "batch statistics are used in eval mode, too (with the unbiased variance)": lambda: normal(
                batch_mean, (unbiased + eps).sqrt()
            ),
        }
    return found


def _rows(x: Tensor, eps: float) -> Tensor:
    return (x - x.mean(1, keepdim=True)) / (x.var(1, correction=0, keepdim=True) + eps).sqrt()


def running_mistakes(name: str, state: State, x: Tensor, momentum: float, frozen: bool) -> dict[str, Tensor]:
    """Sentence to what a running average then is."""
    old, x, started = state[name].double(), x.double(), bool(state["num_batches_tracked"])
    new = x.mean(0) if name == "running_mean" else x.var(0)
    found = {
        FROZEN if frozen else f"{name} is never updated": old,
        f"the momentum of {name} is the wrong way round": momentum * old + (1 - momentum) * new,
        f"{name} holds only the newest batch" if started else f"the first batch replaces what {name} starts with": new,
        f"{name} adds up instead of averaging": old + momentum * new,
        f"{name} uses another momentum than the layer was built with": 0.9 * old + 0.1 * new,
    }
    if name == "running_var":
        biased = x.var(0, correction=0)
        found |= {
            "running_var gets the biased variance": (1 - momentum) * old + momentum * biased,
            "running_var gets the standard deviation": (1 - momentum) * old + momentum * new.sqrt(),
            "running_var gets the biased variance, with the momentum the wrong way round": momentum * old
            + (1 - momentum) * biased,
        }
    return found


def alike(seen: Tensor, expected: Tensor, ulps: float = ULPS) -> bool:
    """Equal up to rounding, where what was added up is of order 1."""
    if seen.shape != expected.shape or not seen.is_floating_point():
        return False
    largest = max([1.0, *expected.abs().flatten().tolist()])
    return bool(((seen.double() - expected).abs() <= ulps * torch.finfo(seen.dtype).eps * largest).all())


def right(
    value: Any,
    expected: Tensor,
    of: torch.dtype,
    near: Callable[[], Mapping[str, Any]],
    what: str,
    ulps: float = ULPS,
) -> None:
    """Values as computed in float64, in this dtype."""
    expect(value is not None, f"{what} is {described(value)}, not a tensor", f"{what} is missing")
    seen = dtype(tensor(value, what), of, what).data
    if not alike(seen, expected, ulps):
        others = ((sentence, other() if callable(other) else other) for sentence, other in near().items())
        wrong = next((sentence for sentence, other in others if alike(seen, other)), None)
        shape(value, tuple(expected.shape), what, {wrong: seen} if wrong else None)
        raise Failed(f"{what} holds {'NaN' if seen.isnan().any() else 'wrong values'}", wrong)


def follows(reply: Any, state: State, steps: list[dict[str, Any]], eps: float, momentum: float) -> None:
    """Each step as torch's layer does it: output, input, state afterwards, gradients."""
    expect(not reply["strange"], f"the state_dict is not that of torch's layer: {', '.join(reply['strange'])[:200]}")
    oracle = Right(state, eps, momentum)
    for step, seen in zip(steps, reply["steps"], strict=False):
        _follow_once(oracle, step, seen, eps, momentum)
    expect(len(reply["steps"]) == len(steps), "not all steps could be done")


def followed(
    student: Any, features: int, state: dict[str, Tensor], steps: list[Any], eps: float, momentum: float
) -> None:
    kwargs = {"num_features": features, "eps": eps, "momentum": momentum}
    follows(student.probe("normalized", [], kwargs, state, steps), state, steps, eps, momentum)


def not_averaged(student: Any, kwargs: dict[str, Any], state: State, x: Tensor) -> None:
    """The running values are those of the state, once x was refused; whether there are any is for another check."""
    left = student.probe("refused_batch", kwargs, state, x)
    averaged = "a batch goes into the running averages before it is refused"
    for name in BUFFERS & left.keys():
        found = tensor(left[name], name)
        exactly(found, state[name], near={averaged: found.data}, what=f"{name} after a batch that was refused")


def _follow_once(oracle: Right, step: dict[str, Any], seen: Any, eps: float, momentum: float) -> None:
    x, kept = step["x"], {}
    if step["written"]:
        kept[KEPT] = oracle(x.double()).detach()
        oracle.load_state_dict(step["written"], strict=False)
    before = {name: value.clone() for name, value in oracle.state_dict().items()}
    oracle.train(step["training"])
    oracle.zero_grad()
    given = x.double().requires_grad_()
    output = oracle(given)
    mode = "training" if step["training"] else "eval"
    what = f"the output in {mode} mode for x of shape {tuple(x.shape)}"
    right(
        seen["output"],
        output.detach(),
        x.dtype,
        lambda: {**output_mistakes(before, x, eps, momentum, step["training"]), **kept},
        what,
    )
    expect(bool(torch.equal(seen["input"].data, x)), "the input holds other values after forward", WRITTEN)
    _state_after(oracle, before, step, seen, momentum)
    if step["cotangent"] is not None:
        (output * step["cotangent"].double()).sum().backward()
        _gradients(oracle, given, step, seen)


def _state_after(oracle: Right, before: State, step: dict[str, Any], seen: Any, momentum: float) -> None:
    x, found, training = step["x"], seen["state"], step["training"]
    graphs = [name for name, graph in seen["graphs"].items() if graph]
    expect(not graphs, f"{', '.join(graphs)[:100]} requires a gradient after forward", NO_GRAPH)
    for name in BUFFERS:
        near = partial(running_mistakes, name, before, x, momentum, step["frozen"]) if training else dict
        wanted = oracle.state_dict()[name]
        if not training and name in found and not alike(found[name].data, wanted):
            raise Failed(f"{name} changes in eval mode", "the running averages are updated in eval mode, too")
        right(found.get(name), wanted, x.dtype, near, name)
    count = found.get("num_batches_tracked")
    wrong = (
        "num_batches_tracked does not go up by 1 for each batch"
        if training
        else "num_batches_tracked goes up in eval mode"
    )
    exactly(count, oracle.num_batches_tracked, what="num_batches_tracked", near={wrong: getattr(count, "data", None)})
    for name in ("weight", "bias"):
        right(found.get(name), before[name], x.dtype, dict, name)


def _gradients(oracle: Right, given: Tensor, step: dict[str, Any], seen: Any) -> None:
    x, cotangent = step["x"].double(), step["cotangent"].double()
    var = x.var(0, correction=0) if step["training"] else oracle.running_var
    root = (var + oracle.eps).sqrt()
    weight = oracle.weight.detach()
    partly = cotangent * weight / root
    near = {CUT: partly, "only the mean is differentiated, not the variance": lambda: partly - partly.mean(0)}
    wanted = {"x": given.grad, "weight": oracle.weight.grad, "bias": oracle.bias.grad}
    for name, expected in wanted.items():
        what = f"the gradient of {name}"
        value = seen["gradients"].get(name)
        expect(value is not None, f"{name} gets no gradient", f"the graph is cut on the way to {name}")
        right(value, expected, step["x"].dtype, (lambda: near) if name == "x" else dict, what)


def step(
    mode: str,
    x: Tensor,
    cotangent: Tensor | None = None,
    grad: bool = True,
    frozen: bool = False,
    written: State | None = None,
) -> dict[str, Any]:
    training = mode not in ("eval", "outer eval", "flag off", "still eval")
    more = {"training": training, "grad": grad, "frozen": frozen, "written": dict(written or {})}
    return {"mode": mode, "x": x, "cotangent": cotangent, **more}


def rewritten(fresh: Any, features: int) -> list[dict[str, Any]]:
    """Steps in eval mode between which the Parameters and then the running values change."""
    names = [(), ("weight", "bias"), tuple(BUFFERS)]
    return [
        step(
            "still eval",
            drawn_batch(fresh, 3, features),
            grad=grad,
            written={name: value for name, value in drawn_state(fresh, features).items() if name in some},
        )
        for grad in (True, False)
        for some in names
    ]


ONE_ROW = ("x", "B", "N", "row", "batch", "input", "size", "sample", "value", "element", "example", "observation")
INITIAL = {"weight": 1.0, "bias": 0.0, "running_mean": 0.0, "running_var": 1.0}


def registers(seen: Any, features: int) -> None:
    parameters, buffers = seen["parameters"], seen["buffers"]
    for name in ("weight", "bias"):
        wrong = f"{name} is a buffer or a plain tensor, not a Parameter: it is not trained"
        expect(name in parameters, f"no Parameter is called {name!r}", wrong)
        expect(name in seen["trainable"], f"{name} is not trainable", wrong)
    for name in ("running_mean", "running_var", "num_batches_tracked"):
        trained = f"{name} is a Parameter: it would be trained"
        wrong = f"{name} is missing or a plain attribute, not a buffer: it is neither saved nor moved"
        expect(name in buffers, f"no buffer is called {name!r}", trained if name in parameters else wrong)
        expect(name in seen["state"], f"the state_dict has no {name!r}", f"the buffer {name} is not persistent")
    strange = set(seen["state"]) - {*INITIAL, "num_batches_tracked"}
    more = "there is more state than in torch's layer, which can't load it"
    expect(not strange, f"the state_dict has other keys, too: {', '.join(sorted(strange))[:100]}", more)
    for name, value in INITIAL.items():
        wrong = {f"{name} starts with other values": getattr(seen["state"][name], "data", None)}
        exactly(seen["state"][name], torch.full((features,), value), what=f"{name} of a new layer", near=wrong)
    exactly(seen["state"]["num_batches_tracked"], torch.tensor(0), what="num_batches_tracked of a new layer")
    expect(not seen["missing"], "torch's layer can't load the state_dict")
    expect(seen["training"] is True, "a new layer is not in training mode")
