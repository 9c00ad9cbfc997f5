"""What training computes, in float64, and what known mistakes compute instead."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import torch
from probes.training_loop import LOSSES, Batch, Plan, Subject, halves, model_of, optimizer_of, set_gradients
from torch import Tensor, nn

from grader.confined.observing import Journal

State = dict[str, Tensor]
Clip = Callable[[list[nn.Parameter]], None]


@dataclass(frozen=True)
class Way:
    """How a step is made; the defaults are right, and each other value is a mistake."""

    clear: str = "before"  # or "never", "behind": after it, "first group"
    every: int = 1  # steps from one clearing to the next
    steps: int = 1
    swapped: bool = False
    mode: bool | None = None
    loss: str = "own"  # the loss that is reported: "own", or "after" the update
    optimizer_for: int = 0  # steps that an optimizer lives for; 0: for all
    forwards: int = 1
    frozen: str = "kept"  # or "zeros" for their gradients, or "trained"
    clipped: str = "all"  # or the "first group"
    by_hand: str = ""  # every parameter less its gradient times the lr of its "group", or of the "first" group


RIGHT = Way()


def wide(plan: Plan) -> Plan:
    return {**plan, "dtype": torch.float64}


def started(plan: Plan, mode: bool | None = None) -> tuple[Subject, torch.optim.Optimizer, Any]:
    """Model, optimizer and loss of a plan in float64."""
    model = model_of(wide(plan), Journal())
    if mode is not None:
        model.train(mode)
    return model, optimizer_of(plan, model), LOSSES[plan["loss"]]


def widened(batch: Iterable[Tensor]) -> list[Tensor]:
    return [part.double() if part.is_floating_point() else part for part in batch]


def state_of(model: nn.Module) -> State:
    return {name: value.detach().clone() for name, value in model.state_dict().items()}


def walk(
    plan: Plan,
    batches: list[Batch],
    stale: State | None = None,
    way: Way = RIGHT,
    clip: Clip | None = None,
) -> Iterator[tuple[float, State]]:
    """(loss, state afterwards) of each step."""
    model, optimizer, loss_fn = started(plan, way.mode)
    set_gradients(model, stale or {})
    if way.frozen == "trained":
        model.requires_grad_(True)
    for k, batch in enumerate(batches):
        inputs, targets = widened(batch)
        if way.optimizer_for and k % way.optimizer_for == 0:
            optimizer = optimizer_of(plan, model)
        if way.clear == "before" and k % way.every == 0:
            optimizer.zero_grad()
        if way.clear == "first group":
            _clear(optimizer.param_groups[0]["params"])
        for _ in range(way.forwards):
            loss = _loss(model, loss_fn, inputs, targets, way.swapped)
        loss.backward()
        if clip:
            clip(with_gradient(halves(model)[0] if way.clipped == "first group" else model.parameters()))
        if way.frozen == "zeros":
            set_gradients(
                model, {name: torch.zeros_like(dict(model.named_parameters())[name]) for name in plan["frozen"]}
            )
        for _ in range(way.steps):
            _by_hand(optimizer, way.by_hand) if way.by_hand else optimizer.step()
        if way.clear == "behind":
            optimizer.zero_grad()
        if way.loss == "after":
            loss = _loss(model, loss_fn, inputs, targets, way.swapped)
        yield loss.item(), state_of(model)


def with_gradient(parameters: Iterable[nn.Parameter]) -> list[nn.Parameter]:
    return [parameter for parameter in parameters if parameter.grad is not None]


def _clear(parameters: Iterable[nn.Parameter]) -> None:
    for parameter in parameters:
        parameter.grad = None


@torch.no_grad()
def _by_hand(optimizer: torch.optim.Optimizer, whose: str) -> None:
    for group in optimizer.param_groups:
        rate = (group if whose == "group" else optimizer.param_groups[0])["lr"]
        for parameter in with_gradient(group["params"]):
            parameter.sub_(rate * parameter.grad)


def _loss(model: nn.Module, loss_fn: Any, inputs: Tensor, targets: Tensor, swapped: bool) -> Tensor:
    outputs = model(inputs)
    loss: Tensor = loss_fn(targets, outputs) if swapped else loss_fn(outputs, targets)
    return loss


NOTHING_LEARNT = "nothing is learnt: the gradients are cleared between backward and step, or no step is made"
FIRST_GROUP_CLEARED = "only the gradients of the optimizer's first group of parameters are cleared"
FROZEN_ZEROS = "a frozen parameter gets zeros for a gradient, and weight decay moves it: it has none"
FROZEN_TRAINED = "frozen parameters are trained: requires_grad is changed"
TWO_FORWARDS = "the model is called twice in a step: once is enough, and a batch norm counts each call"
BY_HAND = "the step is made by hand with the learning rate: optimizer.step() knows momentum and weight decay, too"
BY_HAND_IN_ONE_GROUP = (
    "the step is made with one learning rate and no more: each group of the optimizer has its options"
)
OLD_GRADIENTS = "old gradients are not cleared before the first backward"
STEP_WAYS = {
    "gradients are never cleared: they pile up": Way(clear="never"),
    OLD_GRADIENTS: Way(clear="behind"),
    FIRST_GROUP_CLEARED: Way(clear="first group"),
    FROZEN_ZEROS: Way(frozen="zeros"),
    FROZEN_TRAINED: Way(frozen="trained"),
    TWO_FORWARDS: Way(forwards=2),
    NOTHING_LEARNT: Way(steps=0),
    "two steps are made for one backward": Way(steps=2),
    "loss_fn gets targets before outputs": Way(swapped=True),
    "the loss is computed again after the update": Way(loss="after"),
    "the model is put in train mode: its mode is to stay": Way(mode=True),
    "the model is put in eval mode: its mode is to stay": Way(mode=False),
    BY_HAND: Way(by_hand="group"),
    BY_HAND_IN_ONE_GROUP: Way(by_hand="first"),
    "a new optimizer is made in each step, which forgets the momentum": Way(optimizer_for=1),
}
TRAIN_WAYS = {
    "gradients are never cleared: they pile up": Way(clear="never", mode=True),
    OLD_GRADIENTS: Way(clear="behind", mode=True),
    FIRST_GROUP_CLEARED: Way(clear="first group", mode=True),
    "only the gradients of the optimizer's first group of parameters are clipped": Way(
        clipped="first group", mode=True
    ),
    FROZEN_ZEROS: Way(frozen="zeros", mode=True),
    FROZEN_TRAINED: Way(frozen="trained", mode=True),
    TWO_FORWARDS: Way(forwards=2, mode=True),
    BY_HAND: Way(by_hand="group", mode=True),
    BY_HAND_IN_ONE_GROUP: Way(by_hand="first", mode=True),
    NOTHING_LEARNT: Way(steps=0, mode=True),
    "loss_fn gets targets before outputs": Way(swapped=True, mode=True),
    "the loss is computed again after the update": Way(loss="after", mode=True),
    "the model is not in train mode while it trains": Way(mode=False),
}


# Clipping


def by_norm(max_norm: float) -> Clip:
    def clip(parameters: list[nn.Parameter]) -> None:
        norm = norm_of(parameters)
        for parameter in parameters:
            parameter.grad *= min(1.0, max_norm / norm)

    return clip


def norm_of(parameters: list[nn.Parameter], kind: float = 2.0) -> float:
    return float(torch.cat([parameter.grad.flatten() for parameter in parameters]).norm(kind))


def norms(plan: Plan, batches: list[Batch], clip: Clip | None = None) -> list[float]:
    """The norm of all gradients in each step, before clipping."""
    seen: list[float] = []

    def noted(parameters: list[nn.Parameter]) -> None:
        seen.append(norm_of(parameters))
        if clip:
            clip(parameters)

    list(walk(plan, batches, way=Way(mode=True), clip=noted))
    return seen


def only_for(max_norm: float, steps: int) -> Clip:
    """Clips in these steps, and in no later one."""
    left = iter(range(steps))

    def clip(parameters: list[nn.Parameter]) -> None:
        if next(left, None) is not None:
            by_norm(max_norm)(parameters)

    return clip


def _each(max_norm: float) -> Clip:
    def clip(parameters: list[nn.Parameter]) -> None:
        for parameter in parameters:
            parameter.grad *= min(1.0, max_norm / norm_of([parameter]))

    return clip


def _always(max_norm: float) -> Clip:
    def clip(parameters: list[nn.Parameter]) -> None:
        norm = norm_of(parameters)
        for parameter in parameters:
            parameter.grad *= max_norm / norm

    return clip


def _largest(max_norm: float) -> Clip:
    def clip(parameters: list[nn.Parameter]) -> None:
        norm = norm_of(parameters, float("inf"))
        for parameter in parameters:
            parameter.grad *= min(1.0, max_norm / norm)

    return clip


def _values(max_norm: float) -> Clip:
    def clip(parameters: list[nn.Parameter]) -> None:
        for parameter in parameters:
            parameter.grad.clamp_(-max_norm, max_norm)

    return clip


def clip_mistakes(max_norm: float) -> dict[str, Clip | None]:
    return {
        "the gradients are not clipped: max_norm has to act between backward and step": None,
        "each value is clipped on its own: the norm of all gradients together is meant": _values(max_norm),
        "each parameter is clipped on its own: the norm of all gradients together is meant": _each(max_norm),
        "only the first step is clipped: model.parameters() can be gone through once": only_for(max_norm, 1),
        "gradients below max_norm are scaled up": _always(max_norm),
        "the largest value is taken for the norm": _largest(max_norm),
        "max_norm is ignored: the limit is 1": by_norm(1.0),
    }


# Means


def weighted(losses: list[float], sizes: list[int]) -> float:
    return sum(loss * size for loss, size in zip(losses, sizes, strict=True)) / sum(sizes)


def mean_mistakes(losses: list[float], sizes: list[int]) -> dict[str, float]:
    """What else people take for the mean loss per sample."""
    total = sum(loss * size for loss, size in zip(losses, sizes, strict=True))
    return {
        "the mean of the batches' means: a short batch counts as much as the rest": sum(losses) / len(losses),
        "batch means are added up and divided by the number of samples": sum(losses) / sum(sizes),
        "the losses are weighted by size but divided by the number of batches": total / len(sizes),
        "every batch is taken to be as large as the first": sum(losses) * sizes[0] / sum(sizes),
        "the sum over samples, not their mean": total,
        "the last batch is left out": weighted(losses[:-1], sizes[:-1]) if losses[1:] else 0.0,
        "the sum of the batches' means": sum(losses),
        "the last batch's loss": losses[-1],
        "the last batch's share of the loss": losses[-1] * sizes[-1] / sum(sizes),
        "the first batch's loss": losses[0],
    }


# evaluate


def logits_of(plan: Plan, batches: list[Batch]) -> list[tuple[Tensor, Tensor]]:
    """(logits, targets) of each batch in eval mode."""
    model, _, _ = started(plan, mode=False)
    with torch.no_grad():
        return [(model(inputs.double()), targets) for inputs, targets in batches]


def right_answers(pairs: list[tuple[Tensor, Tensor]]) -> list[int]:
    """How many there are in each batch."""
    return [int((logits.argmax(1) == targets).sum()) for logits, targets in pairs]


def accuracy_mistakes(pairs: list[tuple[Tensor, Tensor]]) -> dict[str, float]:
    right = right_answers(pairs)
    sizes = [len(targets) for _, targets in pairs]
    one_class = {
        "with one class the largest logit is looked for among the samples: no dim is to be squeezed": sum(
            int((logits.flatten().argmax() == targets).sum()) for logits, targets in pairs
        )
        / sum(sizes)
    }
    return (one_class if pairs[0][0].size(1) == 1 else {}) | {
        "right answers are counted, not their share": float(sum(right)),
        "the accuracy in percent, not from 0 to 1": 100 * sum(right) / sum(sizes),
        "the mean of the batches' accuracies: a short batch counts as much as the rest": sum(
            r / n for r, n in zip(right, sizes, strict=True)
        )
        / len(sizes),
        "the last batch's accuracy": right[-1] / sizes[-1],
        "right answers divided by the number of batches": sum(right) / len(sizes),
        "the error rate, not the accuracy": 1 - sum(right) / sum(sizes),
        "the smallest logit is taken, not the largest": sum(
            int((logits.argmin(1) == targets).sum()) for logits, targets in pairs
        )
        / sum(sizes),
        "every batch is taken to be as large as the first": sum(right) / (sizes[0] * len(sizes)),
        "the largest logit is taken over the batch, not over the classes": sum(
            int((logits.argmax(0 if logits.size(0) == logits.size(1) else 1) == targets).sum())
            for logits, targets in pairs
        )
        / sum(sizes),
        "argmax without a dim gives one position for the whole batch": sum(
            int((logits.argmax() == targets).sum()) for logits, targets in pairs
        )
        / sum(sizes),
    }


# accumulated_step


def whole(pieces: list[Batch]) -> Batch:
    inputs, targets = zip(*pieces, strict=True)
    return torch.cat(inputs), torch.cat(targets)


UNDIVIDED = "the pieces' losses are not divided: the gradient is too large"
PIECE_WEIGHTS: dict[str, Callable[[list[int]], list[float]]] = {
    UNDIVIDED: lambda sizes: [1.0] * len(sizes),
    "all pieces weigh the same: each counts by its share of the samples": lambda sizes: [1 / len(sizes)] * len(sizes),
    "gradients are cleared before each piece: only the last one counts": lambda sizes: (
        [0.0] * (len(sizes) - 1) + [sizes[-1] / sum(sizes)]
    ),
    "gradients are cleared before each piece: only the last one counts, undivided": lambda sizes: (
        [0.0] * (len(sizes) - 1) + [1.0]
    ),
    "every piece is taken to be as large as the first": lambda sizes: [sizes[0] / sum(sizes) for _ in sizes],
    "the last piece is left out": lambda sizes: (
        [n / sum(sizes[:-1]) for n in sizes[:-1]] + [0.0] if sizes[1:] else [0.0]
    ),
    "the losses are divided by the number of all samples, but not weighted": lambda sizes: [
        1 / sum(sizes) for _ in sizes
    ],
    "the losses are weighted by size, but not divided by the number of all samples": lambda sizes: [
        float(n) for n in sizes
    ],
    "only the first piece is used": lambda sizes: [1.0] + [0.0] * (len(sizes) - 1),
}


def alone(share: float, optimizer: torch.optim.Optimizer) -> float:
    """A piece that is trained on as if it were everything."""
    optimizer.zero_grad()
    return 1.0


def piled(share: float, optimizer: torch.optim.Optimizer) -> float:
    """A piece whose gradient is added to those before."""
    return share


def pieced(
    plan: Plan,
    rounds: list[list[Batch]],
    stale: State | None = None,
    weights: Callable[[list[int]], list[float]] | None = None,
    steps_each: Callable[[float, torch.optim.Optimizer], float] | None = None,
    keep: bool = False,
    swapped: bool = False,
) -> Iterator[tuple[float, State]]:
    """(loss, state) of rounds in which each piece has this weight; without weights, of right rounds.

    `stale`: gradients that are not cleared. `keep`: nor are later ones. `steps_each`: an update behind each piece.
    """
    model, optimizer, loss_fn = started(plan)
    for k, pieces in enumerate(rounds):
        if not keep:
            optimizer.zero_grad()
        if k == 0:
            set_gradients(model, stale or {})
        sizes = [len(targets) for _, targets in pieces]
        shares = weights(sizes) if weights else [n / sum(sizes) for n in sizes]
        total = 0.0
        for batch, share in zip(pieces, shares, strict=True):
            inputs, targets = widened(batch)
            if steps_each:
                share = steps_each(share, optimizer)
            loss = share * _loss(model, loss_fn, inputs, targets, swapped)
            loss.backward()
            total += loss.item()
            if steps_each:
                optimizer.step()
        if not steps_each:
            optimizer.step()
        yield total, state_of(model)
