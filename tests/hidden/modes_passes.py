"""What blocks in evaluation mode, predict and mc_dropout do to a model while they run it."""

import re
from dataclasses import replace
from itertools import pairwise
from typing import Any

import torch
from hidden.modes_models import (
    PATCHED,
    Plan,
    calls_of,
    given_to,
    modes_restored,
    noted,
    output_of,
    untouched,
    wanted_flags,
)
from hidden.modes_norms import right
from torch import Tensor, nn

from grader.confined.values import Seen
from grader.judge import expect, sequence, shape, tensor
from grader.student import Raised
from grader.verdicts import Failed


def refused(student: Any, names: tuple[str, ...], probe: str, *args: Any, **kwargs: Any) -> None:
    """A ValueError whose message holds one of the names, those of one or two letters as words of their own."""
    outcome = student.outcome(probe, *args, **kwargs)
    if not isinstance(outcome, Raised) or "ValueError" not in outcome.bases:
        student.probe_refuses(probe, *args, naming=(), error="ValueError", **kwargs)
    text = outcome.message.lower()
    words = re.findall("[a-z]+", text)
    named = any(name.lower() in (text if len(name) > 2 else words) for name in names)
    expect(named, f"the message of the ValueError must name the argument; it is: {outcome.message!r}")


def evaluated(student: Any, plan: Plan, x: Tensor, **script: Any) -> Any:
    """What holds in a block and after it, with everything judged that holds for every block."""
    reply = student.probe("evaluated", plan, x, **script)
    forgotten = "a generator or a plain value, not a context manager: @contextlib.contextmanager makes one"
    expect("no manager" not in reply, f"`with` can't take a {reply.get('no manager')}", forgotten)
    wrong = "the block gets something else than the model: it takes `yield model`"
    expect(reply["same"], f"the block gets a {reply['given']}, not the model itself", wrong)
    all_in_eval(reply["inside"])
    grad = script.get("grad", True)
    off, on = "eval mode is mixed up with torch.no_grad()", "gradients that are off outside are switched on"
    expect(reply["grad inside"] is grad, "gradients are switched inside", off if grad else on)
    right(reply["output"], output_of(plan, x), torch.float32, dict, "the model's output inside")
    expect(reply["grad after"] is grad, "gradients are switched afterwards", "torch's grad mode is changed")
    expect(not reply["patched"], "the model is left with other methods than it had", PATCHED)
    return reply


def all_in_eval(modes: list[Any]) -> None:
    near = {
        "submodules stay in training mode: model.training = False misses them": not modes[0] and any(modes[1:]),
        "the model is not put into eval mode": modes[0],
    }
    wrong = next((sentence for sentence, holds in near.items() if holds), None)
    expect(not any(modes), f"inside, {sum(map(bool, modes))} of {len(modes)} modules are in training mode", wrong)


def requires_as(reply: Any, plan: Plan) -> None:
    wanted = wanted_flags(plan, lambda model: 0)[1]["requires_grad"]
    expect(reply["flags"]["requires_grad"] == wanted, "requires_grad of parameters is changed", "parameters are frozen")


def nested_blocks(student: Any, plan: Plan, x: Tensor, nested: str, **script: Any) -> None:
    """A block on a submodule within a block on the model."""
    reply = evaluated(student, plan, x, nested=nested, **script)
    expect(reply["inner same"], "an inner block gets something else than its model")
    all_in_eval(reply["inner inside"])
    early = "the inner block puts back the modes from before the outer one"
    expect(not any(reply["between"]), "after an inner block, the outer one is not in eval mode", early)
    modes_restored(reply["after"], plan, "after nested blocks")


def batches_of(fresh: Any, d: int, sizes: list[int], *more: int) -> list[Tensor]:
    return [fresh.normal(B, *more, d) for B in sizes]


def predicted(student: Any, plan: Plan, batches: list[Tensor], form: str, **script: Any) -> Any:
    """The reply of the probe; each batch must have gone through the model once, in order and in eval mode."""
    reply = student.outcome("predicted", plan, batches, form, **script)
    if isinstance(reply, Raised):
        along = any(words in reply.message for words in ("Sizes of tensors must match", "stack expects"))
        wrong = "the outputs are joined along another dim than 0, or in a new one"
        if reply.type == "StopIteration":
            raise Failed(f"`predict` raised {reply.sentence()}", "a model need not have parameters")
        raise Failed(f"`predict` raised {reply.sentence()}", wrong) if along else student.broken(reply)
    passes = calls_of(reply, "forward")
    count = f"the model is called {len(passes)} times for {len(batches)} batches"
    expect(len(passes) == len(batches), count, _why_so_often(passes, batches))
    for batch, entry in zip(batches, passes, strict=True):
        given = given_to(entry)
        expect(torch.equal(given, batch), "the model does not get the batches as they are, in their order")
        near_mode = "the model runs in training mode: model.eval() is missing" if all(entry["training"]) else None
        deeper = "model.training = False misses the submodules"
        expect(not any(entry["training"]), "the model does not run in eval mode", near_mode or deeper)
    untouched(reply, "a batch")
    return reply


def _why_so_often(passes: list[Any], batches: list[Tensor]) -> str:
    rows = [len(given) for given in map(given_to, passes) if isinstance(given, Tensor) and given.dim()]
    near = {
        "the batches are joined and run as one": rows == [sum(map(len, batches))],
        "each batch is run twice": len(passes) == 2 * len(batches),
        "a batch is left out": len(passes) < len(batches),
    }
    return next((sentence for sentence, holds in near.items() if holds), "the model runs more often than it has to")


def broken_ways(fresh: Any) -> list[tuple[Any, ...]]:
    """Form of the batches, grad mode, and what in the model raises, if it does."""
    trap, grad = ["trap", 1], fresh.choice([True, False])
    return [("list", True, trap), ("list", False, trap), ("broken", grad), ("list", grad, [*trap, "base exception"])]


def _on(plan: Plan) -> list[bool]:
    """The mode of each module during a pass."""
    return [isinstance(one, nn.modules.dropout._DropoutNd) for one in noted(plan).modules()]


def sampled(student: Any, plan: Plan, x: Tensor, samples: int, **script: Any) -> Any:
    """The reply of the probe, or None where there is nothing to judge.

    The passes must be as many as asked for, on x, with only dropout on.
    """
    reply = student.probe("sampled", plan, x, samples, **script)
    if reply is None:
        return None
    passes = calls_of(reply, "forward")
    repeated = "x is repeated along the batch, not passed through the model again and again"
    near = {samples + 1: "one pass too many", samples - 1: "one pass too few", 1: repeated}
    wrong = near.get(len(passes))
    expect(len(passes) == samples, f"the model is called {len(passes)} times for samples = {samples}", wrong)
    for entry in passes:
        given = given_to(entry)
        wrong = repeated if getattr(given, "shape", x.shape) != x.shape else None
        expect(isinstance(given, Tensor) and torch.equal(given, x), "a pass does not get x as it is", wrong)
        _only_dropout_is_on(
            entry["training"], [True] if script.get("bare") else _on(plan), script.get("own", False), plan
        )
    untouched(reply | {"reseeded": reply["reseeded"] and not script.get("own")}, "x")  # by the student's own Dropout?
    return reply


def _only_dropout_is_on(found: list[Any], wanted: list[bool], own: bool, plan: Plan) -> None:
    if found == wanted:
        return
    kinds = [type(one) for one in noted(plan).modules()]
    off = [kind.__name__ for kind, mode, on in zip(kinds, found, wanted, strict=False) if on and not mode]
    plain = [kind is nn.Dropout for kind in kinds]
    near = {
        "the whole model is in training mode: batch norm uses the batch and changes": all(found),
        "this module's own Dropout is not switched on, or what inherits from it": own,
        f"a dropout layer of this kind is not switched on: {off[0] if off else ''}": off and "Dropout" not in off,
        "dropout is off in the passes: eval() switches it off, too": not any(found),
        "only nn.Dropout is switched on; torch has more dropout layers": found == plain,
    }
    wrong = next((sentence for sentence, holds in near.items() if holds), None)
    raise Failed("in a pass, other modules are in training mode than the dropout layers", wrong)


SQUEEZED = "dims of size 1 are lost: squeeze() takes those of the output, too"
UNSQUEEZED = "the results have a dim more than an output of the model"


def mean_and_std(reply: Any, samples: int, of: torch.dtype = torch.float32) -> None:
    """As computed from the outputs that the passes had."""
    outputs = torch.stack([tensor(entry["value"]).data for entry in calls_of(reply, "output")]).double()
    mean, std = sequence(reply["result"], 2)
    true_mean, true_std = outputs.mean(0), outputs.std(0)
    biased = outputs.std(0, correction=0)
    means = {"mean and std are exchanged": true_std, "the sum of the outputs, not their mean": outputs.sum(0)}
    means |= {"the mean goes over the batch, too": outputs.mean(), "all passes have the weight of one": outputs[0]}
    stds = {
        "the std is biased: it has 1/samples": biased,
        "the variance is returned, not the std": outputs.var(0),
        "the biased variance is returned": outputs.var(0, correction=0),
        "the standard error of the mean is returned": true_std / samples**0.5,
        "the std is taken over all outputs together": outputs.std(),
    }
    cancelled = 4 * torch.finfo(of).eps ** -0.5 * max(1.0, float(outputs.abs().max()))  # by mean(x²) - mean(x)²
    for value, what in ((mean, "the mean"), (std, "the std")):
        _of_one_output(value, true_mean, what)
    right(_narrowed(mean, of), true_mean, of, lambda: means, "the mean")
    right(_narrowed(std, of), true_std, of, lambda: stds, "the std", cancelled)


def _of_one_output(value: Any, output: Tensor, what: str) -> None:
    near = {SQUEEZED: output.squeeze(), UNSQUEEZED: output[None]}
    if any(getattr(value, "shape", None) == tuple(other.shape) for other in near.values()):
        shape(value, tuple(output.shape), what, near)


def _narrowed(value: Any, of: torch.dtype) -> Any:
    """A result that was computed in float64 will do."""
    if isinstance(value, Seen) and value.dtype == torch.float64:
        return replace(value, data=value.data.to(of))
    return value


def vary(reply: Any) -> None:
    outputs = [tensor(entry["value"]).data for entry in calls_of(reply, "output")]
    wrong = "dropout is off in the passes, or each has the same mask"
    for one, other in pairwise(outputs):
        expect(not torch.equal(one, other), "two passes have the same output", wrong)
