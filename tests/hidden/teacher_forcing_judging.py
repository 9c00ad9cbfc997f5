"""How losses and decoded tokens are judged, many in one request."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import torch
from hidden.teacher_forcing_calls import explained, observed, request, run_of, runs_of
from hidden.teacher_forcing_coins import heads_or_tails
from hidden.teacher_forcing_decoding import (
    before_the_end,
    decoded,
    decoding_mistakes,
    ids_right,
    mixed_right,
    not_greedy,
)
from hidden.teacher_forcing_losses import (
    Batch,
    free_mistakes,
    log_probs,
    mean_loss,
    not_seeded,
    right,
    sequence_mistakes,
    untouched,
)
from hidden.teacher_forcing_models import Sketch
from torch import Tensor

from grader.judge import dtype, expect, knowing, on, stays_on_device, tensor
from grader.verdicts import Failed


def scale_of(model: Sketch, ids: Tensor) -> float:
    return float(model.logits(ids).abs().max())


def loss_is_right(reply: Mapping[str, Any], model: Sketch, of: Batch, ids: Tensor, mistakes: Any) -> None:
    """The mean over real labels when these ids are fed."""
    expected = mean_loss(model.logits(ids), of.labels, of.real)
    kind = next(iter(model.weights.values())).dtype
    right(reply["value"], expected, kind, scale_of(model, ids), partial(mistakes, model, of), "the loss")
    untouched(reply, of.args)
    not_seeded(reply)


def loss_on_device(student: Any, device: str, model: Sketch, of: Batch, ids: Tensor) -> None:
    value, trace = student.traced_probe("on_device", student.task, request(run_of(model, *of.args)), device)
    on(value, device)
    expected = mean_loss(model.logits(ids), of.labels, of.real)
    right(value, expected, torch.float32, scale_of(model, ids), dict, "the loss")
    stays_on_device(trace, to_device=ids.size(1) + 2, scalars=ids.size(1) + 8)  # a 0-d constant for each step is no sin


def runs_free(reply: Mapping[str, Any], model: Sketch, of: Batch) -> Tensor:
    """The loss is right; returns what the model is to be fed."""
    fed = model.free(of.inputs[:, :1], of.inputs.size(1))
    with explained(model, reply, fed, 1, of.real):
        loss_is_right(reply, model, of, fed, free_mistakes)
    return fed


def coins_of(model: Sketch, value: Any, inputs: Tensor) -> Tensor:
    """A mix in which gold and own tokens have a share, also where 48 coins alone are thrown, for rows or columns."""
    mixed = mixed_right(model, value, inputs)
    heads, known = heads_or_tails(mixed, inputs, model.best(mixed))
    share = float(heads[known].double().mean())
    expect(0.05 < share < 0.95, f"ratio 0.5 gives a share of {share:.2f} gold tokens")
    return mixed


def decodes(reply: Mapping[str, Any], model: Sketch, prompt: Tensor, new: int, eos: int, pad: int) -> Tensor:
    """The value is right; returns the tokens that rows would write if they went on for ever."""
    free = model.free(prompt, prompt.size(1) + new)
    near = partial(decoding_mistakes, model, free, prompt, eos, pad)
    with explained(model, reply, free, prompt.size(1), before_the_end(free, prompt, eos)):
        try:
            ids_right(reply["value"], decoded(free, prompt, eos, pad), near)
        except Failed as failed:
            other = not_greedy(model, reply["value"], prompt, eos, pad)
            raise Failed(failed.message, failed.diagnosis or other) from None
    untouched(reply, [prompt])
    not_seeded(reply)
    return free


REFUSES = {
    "to unpack": "the model returns the logits and the state",
    "raised ValueError": "arguments are refused that the contract allows, such as a pad_id that equals eos_id",
}


def greedy(student: Any, fresh: Any, cases: list[tuple[Any, ...]], **options: Any) -> list[Mapping[str, Any]]:
    runs = []
    for model, prompt, new, eos, pad in cases:
        by_name = {"max_new_tokens": new, "eos_id": eos, "pad_id": pad}
        named = fresh.choice([True, False])
        args, keywords = ([prompt], by_name) if named else ([prompt, new, eos, pad], {})
        runs.append(run_of(model, *args, kwargs=keywords))
    with knowing(REFUSES):
        return observed(student, runs)


def rows_right(student: Any, fresh: Any, cases: list[tuple[Sketch, Batch]]) -> None:
    for reply, (model, of) in zip(observed(student, runs_of(cases)), cases, strict=True):
        logits = model.logits(of.inputs)
        finite = logits[logits.isfinite()].abs().max() * of.labels.size(1)
        kind = next(iter(model.weights.values())).dtype
        near = partial(sequence_mistakes, model, of)
        right(reply["value"], log_probs(logits, of), kind, float(finite), near, "the log-probability")
        dtype(reply["value"], kind, "the log-probability")
        not_seeded(reply)
        empty = tensor(reply["value"]).data[~of.real.any(1)]
        expect(bool((empty == 0).all()), "a row without real labels has not exactly 0")
        untouched(reply, of.args)
