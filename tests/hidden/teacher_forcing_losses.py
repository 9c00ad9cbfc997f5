"""Batches, losses of them, and what known mistakes give instead."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from hidden.teacher_forcing_models import Sketch, Weights
from torch import Tensor

from grader.judge import expect, sequence, shape, tensor
from grader.verdicts import Failed

ULPS = 200
CUT = "no gradient gets to the model: the graph is cut"
SMALL = [10.0**-power for power in range(5, 17)]
Mistakes = Mapping[str, Tensor]


@dataclass(frozen=True)
class Batch:
    """Gold inputs and labels."""

    inputs: Tensor
    labels: Tensor
    pad: int

    @property
    def args(self) -> list[Any]:
        return [self.inputs, self.labels, self.pad]

    @property
    def real(self) -> Tensor:
        return self.labels != self.pad


def batch(
    fresh: Any,
    tokens: int,
    rows: int,
    steps: int,
    *,
    bos_is_pad: bool = False,
    pad_is_zero: bool = False,
    unrelated: bool = False,
) -> Batch:
    """Texts of different lengths, at least one of full length; `unrelated` inputs are not the labels, shifted.

    Neither pad nor bos is 0 unless that is asked for.
    """
    pad, bos = (0, fresh.integer(1, tokens - 1)) if pad_is_zero else fresh.python.sample(range(1, tokens), 2)
    labels = (pad + fresh.integers(1, tokens - 1, rows, steps)) % tokens
    lengths = [steps, *(fresh.integer(1, steps) for _ in range(rows - 1))]
    if rows > 1 and steps > 1:
        lengths[-1] = fresh.integer(1, steps - 1)
    fresh.python.shuffle(lengths)
    padding = torch.arange(steps) >= torch.tensor(lengths)[:, None]
    labels[padding] = pad
    inputs = torch.cat([torch.full((rows, 1), pad if bos_is_pad else bos), labels[:, :-1]], 1)
    if unrelated:
        inputs = fresh.integers(0, tokens - 1, rows, steps)
    return Batch(inputs, labels, pad)


def nll(logits: Tensor, labels: Tensor) -> Tensor:
    """-log p of each label, (B, T)."""
    return -logits.log_softmax(-1).gather(-1, labels[..., None])[..., 0]


def mean_loss(logits: Tensor, labels: Tensor, real: Tensor) -> Tensor:
    return nll(logits, labels)[real].mean()


def loss_mistakes(logits: Tensor, of: Batch) -> dict[str, Tensor]:
    """What wrong ways to make a mean of these logits give."""
    each, real = nll(logits, of.labels), of.real
    counted = torch.where(real, each, torch.zeros_like(each))
    rows = counted.sum(1) / real.sum(1)
    columns = real.any(0)
    steps = counted.sum(0)[columns] / real.sum(0)[columns]
    probabilities = logits.softmax(-1)
    known = {
        "a mean of row means: every real label must weigh the same": rows.nanmean(),
        "a mean of the steps' means: every real label must weigh the same": steps.mean(),
        "padding counts in the loss": each.mean(),
        "the sum over real labels is divided by the number of all labels": counted.mean(),
        "the sum over real labels, not their mean": counted.sum(),
        "the sum is divided by the number of rows": counted.sum() / len(each),
        "the sum is divided by the number of steps": counted.sum() / each.size(1),
        "bits, where nats are meant": each[real].mean() / torch.tensor(2.0).log(),
        "the mean of the log-probabilities: its negative is meant": -each[real].mean(),
        "the perplexity, not its logarithm": each[real].mean().exp(),
        "probabilities, where their logarithms are meant": (-each).exp()[real].mean(),
        "softmax is applied twice": mean_loss(probabilities, of.labels, real),
        "the greatest logit counts, not that of the label": -logits.log_softmax(-1).amax(-1)[real].mean(),
        "softmax runs over the steps, not over the vocabulary": _over_time(logits, of.labels)[real].mean(),
        "(B, T, V) is viewed as (B, V, T), where it must be transposed": _viewed(logits, of.labels)[real].mean(),
        "the logits are compared with the inputs, not with the labels": mean_loss(logits, of.inputs, real),
    }
    masks = of.inputs != of.pad
    if masks.any():
        known["the inputs tell what is padding, where the labels must"] = mean_loss(logits, of.labels, masks)
    masks[:, 0] = True
    known["the inputs tell what is padding behind the first step, where the labels must"] = each[masks & real].mean()
    known |= {
        f"{small:g} is added to the probabilities, whose logarithm is wrong then": -(probabilities + small)
        .log()
        .gather(-1, of.labels[..., None])[..., 0][real]
        .mean()
        for small in SMALL
    }
    if each.size(1) > 1 and real[:, 1:].any():
        known |= {
            "shifted twice: the logits of a step are compared with the next label": mean_loss(
                logits[:, :-1], of.labels[:, 1:], real[:, 1:]
            ),
            "the first step is left out": each[:, 1:][real[:, 1:]].mean(),
            "the last step is left out": each[:, :-1][real[:, :-1]].mean(),
            "the logits of a step are compared with the label before": mean_loss(
                logits[:, 1:], of.labels[:, :-1], real[:, :-1]
            ),
        }
    return known


def _over_time(logits: Tensor, labels: Tensor) -> Tensor:
    return -logits.log_softmax(1).gather(-1, labels[..., None])[..., 0]


def _viewed(logits: Tensor, labels: Tensor) -> Tensor:
    turned = logits.reshape(len(logits), logits.size(2), logits.size(1))
    return nll(turned.transpose(1, 2), labels)


def forced_mistakes(model: Sketch, of: Batch) -> dict[str, Tensor]:
    own = model.free(of.inputs[:, :1], of.inputs.size(1))
    twice = torch.cat([of.inputs[:, :1], of.inputs[:, :-1]], 1)
    return loss_mistakes(model.logits(of.inputs), of) | {
        "the model is fed its own tokens, where the gold ones are meant": mean_loss(
            model.logits(own), of.labels, of.real
        ),
        "the labels are fed: what is to be written is known": mean_loss(model.logits(of.labels), of.labels, of.real),
        "the inputs are shifted once more": mean_loss(model.logits(twice), of.labels, of.real),
    }


def free_mistakes(model: Sketch, of: Batch) -> dict[str, Tensor]:
    T = of.inputs.size(1)
    own, first = model.free(of.inputs[:, :1], T), of.inputs[:, :1]
    others = {
        "forcing is left on: the gold inputs are fed": of.inputs,
        "the labels are fed": torch.cat([first, of.labels[:, :-1]], 1),
        "the first token is fed at every step": first.expand(-1, T),
        "the model's choice after the gold prefix is fed, not that after its own tokens": torch.cat(
            [first, model.best(of.inputs)[:, :-1]], 1
        ),
        "the least probable token is fed, not the most probable one": _least(model, first, T),
    }
    known = loss_mistakes(model.logits(own), of)
    known |= {sentence: mean_loss(model.logits(ids), of.labels, of.real) for sentence, ids in others.items()}
    alone = model.forgetful(first, T)
    dropped = torch.cat([model.logits(alone[:, t : t + 1]) for t in range(T)], 1)
    known["the state is dropped: each step sees one token only"] = mean_loss(dropped, of.labels, of.real)
    return known


def _least(model: Sketch, first: Tensor, length: int) -> Tensor:
    while first.size(1) < length:
        first = torch.cat([first, model.logits(first)[:, -1:].argmin(-1)], 1)
    return first


def log_probs(logits: Tensor, of: Batch) -> Tensor:
    return -nll(logits, of.labels).masked_fill(~of.real, 0).sum(1)


def sequence_mistakes(model: Sketch, of: Batch) -> dict[str, Tensor]:
    logits = model.logits(of.inputs)
    each, real = -nll(logits, of.labels), of.real
    summed, count = each.masked_fill(~real, 0).sum(1), real.sum(1)
    own = model.logits(model.free(of.inputs[:, :1], of.inputs.size(1)))
    masked = each.masked_fill(of.inputs == of.pad, 0).sum(1)
    known = {
        "padding counts in the sum": each.sum(1),
        "the mean of a row, where the sum is meant": summed / count,
        "the sign is wrong: a log-probability is at most 0": -summed,
        ("one sum for the whole batch" if len(each) > 1 else "a batch of one loses its dim"): summed.sum(),
        "summed over the batch, where each row has a sum of its own": each.masked_fill(~real, 0).sum(0),
        "the probability, not its logarithm": summed.exp(),
        "bits, where nats are meant": summed / math.log(2),
        "the logits are summed, without log_softmax": logits.gather(-1, of.labels[..., None])[..., 0]
        .masked_fill(~real, 0)
        .sum(1),
        "the model is fed its own tokens, where the gold ones are meant": log_probs(own, of),
        "the inputs tell what is padding, where the labels must": masked,
        "softmax runs over the steps, not over the vocabulary": -_over_time(logits, of.labels)
        .masked_fill(~real, 0)
        .sum(1),
        "the log-probabilities of all steps are not summed": each.masked_fill(~real, 0),
        "the greatest logit counts, not that of the label": logits.log_softmax(-1)
        .amax(-1)
        .masked_fill(~real, 0)
        .sum(1),
    }
    if each.size(1) > 1:
        shifted = -nll(logits[:, :-1], of.labels[:, 1:]).masked_fill(~real[:, 1:], 0).sum(1)
        known["shifted twice: the logits of a step are compared with the next label"] = shifted
        counted = each.masked_fill(~real, 0)
        known["the first step is left out"] = counted[:, 1:].sum(1)
        known["the last step is left out"] = counted[:, :-1].sum(1)
    return known


def agrees(seen: Tensor, expected: Tensor, kind: torch.dtype, scale: float) -> bool:
    """Equal up to the rounding of logits of this dtype, as large as `scale`."""
    if seen.shape != expected.shape or not seen.is_floating_point():
        return False
    eps = max(torch.finfo(seen.dtype).eps, torch.finfo(kind).eps)
    return bool(((seen.double() - expected).abs() <= ULPS * eps * max(1.0, scale)).all())


def right(
    value: Any, expected: Tensor, kind: torch.dtype, scale: float, mistakes: Callable[[], Mistakes], what: str
) -> None:
    """A tensor of the shape and with the values of the reference, at least as precise as the logits."""
    python = "a Python number, which has no gradient, in place of a tensor"
    expect(not isinstance(value, (int, float)), f"{what} is no tensor", python)
    seen = tensor(value, what)
    if not agrees(seen.data, expected, kind, scale):
        known = mistakes().items()
        sentence = next((sentence for sentence, other in known if agrees(seen.data, other.detach(), kind, scale)), None)
        if seen.shape != tuple(expected.shape):
            raise Failed(f"{what} has shape {seen.shape}, not the one that the docstring promises", sentence)
        wrong = "is NaN" if seen.data.is_floating_point() and seen.data.isnan().any() else "has a wrong value"
        raise Failed(f"{what} {wrong}", sentence or _not_finite(seen.data))
    rounded = "digits are lost on the way: the dtype is not that of the logits"
    fine = torch.finfo(seen.dtype).eps <= torch.finfo(kind).eps
    expect(fine, f"{what} has dtype {seen.dtype}, which holds fewer digits than the logits", rounded)


def _not_finite(seen: Tensor) -> str | None:
    if seen.is_floating_point() and not seen.isfinite().all():
        return "infinity: logarithm and exponential are not taken together, or 0 is multiplied by infinity"
    return None


def gradients_right(seen: Mapping[str, Any], loss: Tensor, weights: Weights) -> None:
    """Every weight has got the derivative of the loss."""
    expected = torch.autograd.grad(loss, list(weights.values()))
    largest = max(float(gradient.abs().max()) for gradient in expected)
    wrong = []
    for (name, _), gradient in zip(weights.items(), expected, strict=True):
        expect(seen.get(name) is not None, f"the model's {name} gets no gradient", CUT)
        own = shape(seen[name], tuple(gradient.shape), f"the gradient of {name}").data
        off = (own.double() - gradient).abs() > 2000 * torch.finfo(own.dtype).eps * largest
        wrong += [name] if off.any() else []
    part = "the graph is cut between the steps, as where a state is detached: the last weights get all, others don't"
    whole = "the value is right, its gradient is not: a part of the graph is cut off or doubled"
    sentence = part if len(wrong) < len(expected) else whole
    expect(not wrong, f"the gradient of the model's {', '.join(wrong)} is wrong", sentence)


def not_seeded(reply: Mapping[str, Any]) -> None:
    seeds = "torch's global generator is seeded inside"
    expect(reply["seeded"] is False, "torch.initial_seed() is another after the call", seeds)


def untouched(reply: Mapping[str, Any], args: list[Any]) -> None:
    """Tensors among the arguments hold what they held, and the flags of the model are as they were."""
    given = [argument for argument in args if isinstance(argument, Tensor)]
    for seen, before in zip(sequence(reply["tensors"], len(given)), given, strict=True):
        expect(torch.equal(tensor(seen).data, before), "an argument holds other values than before", "writes to inputs")
    run = "backward or zero_grad is run inside: the gradients of the parameters are not those from before"
    expect(reply["clean"] is True, "the model's parameters have other gradients", run)
    kept = "train() or eval() of the model, requires_grad or the grad mode is not as it was"
    expect(reply["changed"] is None, kept, reply["changed"])
