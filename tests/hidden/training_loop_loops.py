"""What evaluate, train and accumulated_step have to arrive at."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import torch
from hidden.training_loop_judging import (
    Near,
    Steps,
    Ways,
    alike,
    expect_number,
    mistake_of_states,
    one_call_each,
    real,
    same_flags,
    same_settings,
    same_state,
)
from hidden.training_loop_plans import batches, plan, width
from hidden.training_loop_references import (
    BY_HAND,
    FROZEN_TRAINED,
    FROZEN_ZEROS,
    NOTHING_LEARNT,
    PIECE_WEIGHTS,
    TRAIN_WAYS,
    UNDIVIDED,
    Batch,
    Clip,
    Plan,
    State,
    Way,
    accuracy_mistakes,
    alone,
    by_norm,
    clip_mistakes,
    logits_of,
    mean_mistakes,
    only_for,
    pieced,
    piled,
    right_answers,
    walk,
    weighted,
    whole,
)
from probes.training_loop import LOSSES, model_of
from torch import nn

from grader.confined.observing import Journal, flags
from grader.judge import expect, sequence
from grader.verdicts import Failed

NOT_EVAL = "the model is not in eval mode while it is evaluated"
OF_DATASET = "the sum is divided by the length of the dataset, which may hold more samples than the batches"
NOT_TRAIN = "the model is not in train mode while it trains"


# evaluate


def telling_batches(fresh: Any, plan: Plan, *sizes: int) -> list[Batch]:
    """Batches in which about half of the answers are right, and mistakes hardly ever find the right accuracy."""
    for _ in range(100):
        data = batches(fresh, plan, *sizes)
        pairs = logits_of(plan, data)
        answers = [torch.where(fresh.integers(0, 1, len(t)).bool(), logits.argmax(1), t) for logits, t in pairs]
        data = [(inputs, targets) for (inputs, _), targets in zip(data, answers, strict=True)]
        pairs = [(logits, targets) for (logits, _), targets in zip(pairs, answers, strict=True)]
        share = sum(right_answers(pairs)) / sum(sizes)
        if sum(alike(share, value) for value in accuracy_mistakes(pairs).values()) == (width(plan)[1] not in sizes):
            break
    return data


def first_class_wins(fresh: Any) -> Plan:
    """Of two classes the first has the larger logit each time, and both logits are positive."""
    one = plan(fresh, [("Linear", 2, 2)], "cross entropy")
    one["state"] |= {"layers.0.weight": torch.eye(2) / 9, "layers.0.bias": torch.tensor([12.0, 9.0])}
    return one


def many_answers(fresh: Any) -> tuple[Plan, Batch]:
    """Logits in bfloat16 with an odd number of right answers, which bfloat16 can't hold."""
    classes, right, wrong = fresh.integer(3, 6), 257 + 2 * fresh.integer(0, 100), fresh.integer(50, 99)
    one = plan(fresh, [("Linear", classes, classes)], "cross entropy", dtype=torch.bfloat16)
    one["state"] |= {"layers.0.weight": torch.eye(classes), "layers.0.bias": torch.zeros(classes)}
    answers = fresh.integers(0, classes - 1, right + wrong)
    targets = torch.cat([answers[:right], (answers[right:] + 1) % classes])
    return one, (4 * torch.eye(classes, dtype=torch.bfloat16)[answers], targets)


def expect_count(value: Any, plan: Plan, batch: Batch) -> None:
    """The accuracy, whatever the dtype of the logits."""
    (right,), count = right_answers(logits_of(plan, [batch])), len(batch[1])
    near = {
        "right answers are counted in the dtype of the logits": float(torch.tensor(right).to(plan["dtype"])) / count
    }
    _, accuracy = sequence(value, 2, "the result")
    expect_number(accuracy, right / count, "the accuracy", lambda: near)


def expect_evaluation(value: Any, plan: Plan, data: list[Batch], calls: list[Mapping[str, Any]]) -> None:
    """The mean loss per sample and the accuracy. `calls` of the model tell the mode it was in."""
    pairs = logits_of(plan, data)
    losses = [float(LOSSES[plan["loss"]](logits, targets)) for logits, targets in pairs]
    sizes = [len(targets) for _, targets in pairs]
    right = sum(right_answers(pairs))
    loss, accuracy = sequence(value, 2, "the result")
    for seen, what in ((loss, "the loss"), (accuracy, "the accuracy")):
        real(seen, what)
    if any(any(call["training"]) for call in calls) and not alike(real(loss, "the loss"), weighted(losses, sizes)):
        raise Failed("the loss is not that of the model in eval mode", NOT_EVAL)

    def near() -> dict[str, float]:
        plain = [float(LOSSES["cross entropy"](logits, targets)) for logits, targets in pairs]
        return mean_mistakes(losses, sizes) | {
            "loss_fn is not used: another loss is computed": weighted(plain, sizes),
            OF_DATASET: weighted(losses, sizes) / 2,
        }

    expect_number(loss, weighted(losses, sizes), "the loss", near)
    expect_number(accuracy, right / sum(sizes), "the accuracy", partial(accuracy_mistakes, pairs))


def expect_restored(reply: Mapping[str, Any], plan: Plan, old: State, fails: Any) -> None:
    """Modes as before, no gradients on the way, nothing changed; an exception has come through."""
    if fails:
        expect(reply["passed on"], "an exception on the way does not come out", "an exception is swallowed")
    expect(bool(reply["calls"]) or bool(fails), "the model is never called")
    expect(not any(any(call["training"]) for call in reply["calls"]), "a part of the model is in train mode", NOT_EVAL)
    wrong = "gradients are recorded while the model is evaluated"
    expect(not any(call["grad"] for call in reply["calls"]), "gradients are on while the model runs", wrong)
    same_settings(reply["changed"])
    before, after = flags(model_of(plan, Journal())), reply["flags"]
    same_flags(after, plan, "requires_grad")
    if before["training"] != after["training"]:
        raise Failed("the modes of the submodules are not as before", _which_modes(before["training"], after, fails))
    expect(same_state(reply["state"], plan["state"]), "the model's parameters or buffers are changed", NOT_EVAL)
    kept = all(reply["gradients"][name] is not None and alike(reply["gradients"][name], old[name]) for name in old)
    expect(kept, "gradients of the model are changed", "evaluating runs backward, or clears gradients")
    wrong = "gradients are switched off in the model for good"
    expect(reply["records"] is True, "a call of the model has no graph afterwards", wrong)


def _which_modes(before: Mapping[str, bool], after: Mapping[str, Any], fails: Any) -> str:
    modes = list(after["training"].values())
    if fails:
        return "the modes are not restored after an exception"
    if not any(modes):
        return "the model is left in eval mode"
    if all(modes) or all(mode == before[""] for mode in modes):
        return "one mode is given to all submodules: each has its own"
    return "the modes are not restored"


def few_read_backs(trace: Mapping[str, Any], limit: int) -> None:
    """Values that came to the host, by whichever road; the batches' own copies to the device are no matter."""
    counts = [trace.get("readbacks"), trace.get("to_host")]
    expect(all(isinstance(count, int) for count in counts), "the trace is not readable")
    seen = sum(counts)
    wrong = "values are read back in every step, with .item(), float() or .cpu()"
    expect(seen <= limit, f"values are read back {seen} times, where {limit} do", wrong)


# train


def ran_well(reply: Mapping[str, Any], passes: list[list[Batch]]) -> None:
    """Once for each batch, in train mode, and every graph was seen."""
    ran_in_train_mode(reply["calls"])
    count = sum(map(len, passes))
    one_call_each(reply["calls"], count)
    graphs = reply["graphs"] + sum(call["transformed"] for call in reply["calls"])
    expect(graphs == count, f"the outputs of {graphs} calls have a graph, where {count} should")


def ran_in_train_mode(calls: list[Mapping[str, Any]]) -> None:
    expect(bool(calls), "the model is never called")
    expect(all(all(call["training"]) for call in calls), "a part of the model is in eval mode", NOT_TRAIN)


def trained_or_before(seen: Mapping[str, Any], plan: Plan) -> None:
    """The model is left in train mode, or each module in the mode that it had."""
    modes, before = seen["training"], flags(model_of(plan, Journal()))["training"]
    wrong = "the model is left in eval mode" if not any(modes.values()) else None
    expect(
        all(modes.values()) or modes == before, "the model is in another mode than before and while it trained", wrong
    )


def expect_epochs(
    value: Any,
    state: Any,
    plan: Plan,
    passes: list[list[Batch]],
    max_norm: float | None = None,
    *,
    clipped: int | None = None,
) -> None:
    """The mean loss per sample of each epoch, and the model behind the last.

    `clipped`: how many epochs are clipped at max_norm, if not all.
    """
    found = sequence(value, None, "the list of losses")
    expect(len(found) == len(passes), f"{len(found)} losses for {len(passes)} epochs", "one loss for each epoch")
    losses = [real(loss, "a loss") for loss in found]
    clip = _clip(max_norm, passes, clipped)
    data = [batch for one in passes for batch in one]
    steps = list(walk(plan, data, way=Way(mode=True), clip=clip()))
    expected = steps[-1][1] if steps else plan["state"]
    if not same_state(state, expected):
        raise Failed(
            "the model is wrong behind the last epoch",
            _why_other_state(state, plan, passes, max_norm, clip, clipped is not None),
        )
    for k, (seen, (own, sizes)) in enumerate(zip(losses, _by_epoch(steps, passes), strict=True)):
        near = partial(_other_losses, plan, passes, k)
        expect_number(seen, weighted(own, sizes), f"the loss of epoch {k + 1}", near)


def _clip(max_norm: float | None, passes: list[list[Batch]], epochs: int | None) -> Callable[[], Clip | None]:
    """Clipping in the steps of these epochs, or of all; anew for each walk."""
    if not max_norm:
        return lambda: None
    steps = sum(map(len, passes[:epochs]))
    return lambda: only_for(max_norm, steps)


def _by_epoch(steps: Steps, passes: list[list[Batch]]) -> list[tuple[list[float], list[int]]]:
    """(losses, sizes) of each epoch."""
    losses = iter([loss for loss, _ in steps])
    sizes = [[len(targets) for _, targets in one] for one in passes]
    return [([next(losses) for _ in some], some) for some in sizes]


def _other_losses(plan: Plan, passes: list[list[Batch]], k: int) -> dict[str, float]:
    """What else is taken for the mean of this epoch."""
    data = [batch for one in passes for batch in one]
    own = _by_epoch(list(walk(plan, data, way=Way(mode=True))), passes)
    after = _by_epoch(list(walk(plan, data, way=Way(mode=True, loss="after"))), passes)
    losses = [loss for some, _ in own[: k + 1] for loss in some]
    sizes = [size for _, some in own[: k + 1] for size in some]
    return mean_mistakes(*own[k]) | {
        OF_DATASET: weighted(*own[k]) / 2,
        "the losses of earlier epochs are in the mean": weighted(losses, sizes),
        "the losses of earlier epochs are in the sum": weighted(losses, sizes) * sum(sizes) / sum(own[k][1]),
        "the loss is computed again after the update": weighted(*after[k]),
    }


def _why_other_state(
    state: Any,
    plan: Plan,
    passes: list[list[Batch]],
    max_norm: float | None,
    clip: Callable[[], Clip | None],
    twice: bool,
) -> str | None:
    data = [batch for one in passes for batch in one]
    ways: dict[str, Any] = {}
    if twice:
        ways["the clipping of an earlier call goes on"] = lambda: walk(
            plan, data, way=Way(mode=True), clip=by_norm(max_norm or 1.0)
        )
    ways |= {
        sentence: lambda other=other: walk(plan, data, way=Way(mode=True), clip=other)
        for sentence, other in (clip_mistakes(max_norm) if max_norm else {"clipped unasked": by_norm(1.0)}).items()
    }
    ways |= {
        sentence: lambda way=way: walk(plan, data, way=way, clip=clip())
        for sentence, way in (TRAIN_WAYS | _epoch_ways(len(passes[0]))).items()
    }
    ways |= {
        sentence: lambda batches=batches: walk(plan, batches, way=Way(mode=True), clip=clip())
        for sentence, batches in _other_batches(passes).items()
    }
    return mistake_of_states([state], {sentence: lambda way=way: list(way())[-1:] for sentence, way in ways.items()})


def _epoch_ways(count: int) -> dict[str, Way]:
    """What is done once for all batches of an epoch."""
    return {
        "the gradients are cleared once an epoch, not in each step": Way(every=count, mode=True),
        "a new optimizer is made in each epoch, which forgets the momentum": Way(optimizer_for=count, mode=True),
    }


def _other_batches(passes: list[list[Batch]]) -> dict[str, list[Batch]]:
    """Other batches than those of all epochs in turn."""
    return {
        "the batches of the first epoch are used in all epochs": passes[0] * len(passes),
        "only one epoch is made": passes[0],
        "one epoch too few is made": [batch for one in passes[:-1] for batch in one] or passes[0],
        "the short last batch is left out": [batch for one in passes for batch in one[:-1]],
        "one step for an epoch, not for each batch": [whole(one) for one in passes],
    }


# accumulated_step


def right_rounds(plan: Plan, rounds: list[list[Batch]]) -> Steps:
    """One step on each round's pieces put together."""
    return list(walk(plan, [whole(pieces) for pieces in rounds]))


def round_ways(plan: Plan, rounds: list[list[Batch]], old: State) -> Ways:
    """Known mistakes in these rounds."""
    ways: dict[str, Any] = {
        sentence: lambda weights=weights: pieced(plan, rounds, weights=weights)
        for sentence, weights in PIECE_WEIGHTS.items()
    }
    ways["old gradients are not cleared"] = lambda: pieced(plan, rounds, old)
    ways["old gradients are never cleared: they pile up"] = lambda: pieced(plan, rounds, old, keep=True)
    ways["a step behind each piece, where one for all is meant"] = lambda: pieced(plan, rounds, steps_each=piled)
    ways["the pieces are batches of their own, with a step for each"] = lambda: pieced(plan, rounds, steps_each=alone)
    ways["loss_fn gets targets before outputs"] = lambda: walk(plan, [whole(p) for p in rounds], way=Way(swapped=True))
    ways["loss_fn gets targets before outputs, and the pieces' losses are not divided"] = lambda: pieced(
        plan, rounds, weights=PIECE_WEIGHTS[UNDIVIDED], swapped=True
    )
    ways[FROZEN_ZEROS] = lambda: walk(plan, [whole(p) for p in rounds], way=Way(frozen="zeros"))
    ways[FROZEN_TRAINED] = lambda: walk(plan, [whole(p) for p in rounds], way=Way(frozen="trained"))
    ways[BY_HAND] = lambda: walk(plan, [whole(p) for p in rounds], way=Way(by_hand="group"))
    if any(kind == "Tied" for kind, *_ in plan["layers"]):
        ways["the gradient of a weight that two layers share is divided twice"] = lambda: walk(
            plan, [whole(p) for p in rounds], clip=per_layer(rounds)
        )
    ways[NOTHING_LEARNT] = lambda: walk(plan, [whole(p) for p in rounds], way=Way(steps=0))
    return ways


def per_layer(rounds: list[list[Batch]]) -> Clip:
    """Divides the gradient of the first weight, which is tied, by the number of samples once more."""
    counts = iter([sum(len(targets) for _, targets in pieces) for pieces in rounds])

    def clip(parameters: list[nn.Parameter]) -> None:
        parameters[0].grad /= next(counts)

    return clip


def other_losses(plan: Plan, rounds: list[list[Batch]]) -> list[Near]:
    """What else is taken for the loss of a round's pieces together."""
    return [partial(_means_in, plan, rounds, k) for k in range(len(rounds))]


def _means_in(plan: Plan, rounds: list[list[Batch]], k: int) -> dict[str, float]:
    *_, (_, state) = [(0.0, plan["state"]), *walk(plan, [whole(pieces) for pieces in rounds[:k]])]
    losses = [next(walk({**plan, "state": state}, [piece]))[0] for piece in rounds[k]]
    return mean_mistakes(losses, [len(targets) for _, targets in rounds[k]])
