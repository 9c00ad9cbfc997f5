"""Losses in float64, as the checks of running_total and consistency_loss expect them, and what mistakes give."""

import functools
from collections.abc import Mapping
from typing import Any

import torch
from hidden.no_grad_models import alike, equal, grad_mode_kept, observed, right
from probes.no_grad import network
from torch import Tensor

from grader.fresh import Fresh
from grader.judge import expect, sequence, shape, tensor
from grader.student import Student
from grader.verdicts import Failed

LossCase = tuple[Tensor, Tensor, str, str, bool]
Spec = list[Any]  # layers, state, names of frozen Parameters, names of modules in eval mode


def loss_values(start: Tensor, factors: Tensor) -> tuple[Tensor, Tensor]:
    """The losses exp(start · factor), and the gradient of their sum."""
    losses = (factors @ start).exp()
    return losses, losses @ factors


def total_mistakes(losses: list[Tensor]) -> dict[str, Tensor]:
    values = torch.stack(losses)
    return {
        "the mean, not the sum": values.mean(),
        "only the last loss": values[-1],
        "only the first loss": values[0],
        "the first loss counts twice": values.sum() + values[0],
        "the last loss is left out": values[:-1].sum(),
        "the first loss is left out": values[1:].sum(),
        "the largest loss": values.max(),
        "a loss that stands twice in the list is added once": values.unique().sum(),
        "the total has one dim, where a 0-d tensor is promised": values.sum()[None],
        "the losses themselves come back, not their sum": values,
        "losses that are NaN or infinite are left out": values[values.isfinite()].sum(),
        "the running totals come back, not the last one": values.cumsum(0),
    }


def layers_for(inner: int, hidden: int, outer: int, norms: bool, bounded: bool) -> list[list[Any]]:
    """Linear, batch norm or not, Tanh, Linear, perhaps Tanh. (Layer norm over two features has no stable gradient.)"""
    norm = ["BatchNorm1d", hidden] if norms else ["Tanh"]
    return [["Linear", inner, hidden], norm, ["Tanh"], ["Linear", hidden, outer], *([["Tanh"]] if bounded else [])]


def network_for(
    fresh: Fresh, layers: list[list[Any]], kind: torch.dtype, frozen: int, evaluated: tuple[str, ...]
) -> Spec:
    """A network with fresh contents; `frozen` of its Parameters are; these modules alone are in eval mode."""
    model = network(layers, {}, [], [])
    state = {
        name: fresh.normal(*value.shape, dtype=kind) if value.is_floating_point() else value
        for name, value in model.state_dict().items()
    }
    state = {name: value.abs() + 0.5 if name.endswith("var") else value for name, value in state.items()}
    names = fresh.python.sample([name for name, _ in model.named_parameters()], frozen)
    return [layers, state, names, list(evaluated)]


def outputs(spec: Spec, x: Tensor, evaluated: bool = False) -> tuple[Tensor, dict[str, Tensor]]:
    """What the network answers in float64, and its Parameters."""
    state = {name: value.double() if value.is_floating_point() else value for name, value in spec[1].items()}
    model = network(spec[0], state, [], spec[3])
    if evaluated:
        model.eval()
    result: Tensor = model(x.double())
    return result, dict(model.named_parameters())


def direct_loss(student: Spec, teacher: Spec, x: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
    """The loss, and the gradients of the student's Parameters."""
    answer, parameters = outputs(student, x)
    loss = (answer - outputs(teacher, x)[0].detach()).square().mean()
    gradients = torch.autograd.grad(loss, list(parameters.values()))
    return loss.detach(), dict(zip(parameters, gradients, strict=True))


def consistency_mistakes(student: Spec, teacher: Spec, x: Tensor) -> dict[str, Tensor]:
    own, other = outputs(student, x)[0].detach(), outputs(teacher, x)[0].detach()
    difference = own - other
    modes = [own - outputs(teacher, x, evaluated=True)[0].detach()]
    modes.append(outputs(student, x, evaluated=True)[0].detach() - other)
    square = difference.square()
    return {
        "the sum, not the mean over all elements": square.sum(),
        "the sum over the outputs, and the mean over the batch only": square.sum(-1).mean(),
        "half of it": square.mean() / 2,
        "the root of it": square.mean().sqrt(),
        "the mean of the absolute differences": difference.abs().mean(),
        "one loss for each example": square.mean(-1),
        "one loss for each element": square,
        "the difference is not squared": difference.mean(),
        "the teacher runs in eval mode, not in its own": modes[0].square().mean(),
        "the student runs in eval mode, not in its own": modes[1].square().mean(),
    }


def loss_cases(fresh: Fresh) -> list[LossCase]:
    """(start, factors, kind, form, whether gradients are on) for `probes.no_grad.totals`."""
    n = fresh.integer(2, 5)

    def some(count: int, kind: str, form: str, number: torch.dtype = torch.float32, on: bool = True) -> LossCase:
        factors = fresh.normal(count, n, dtype=number) / 2
        if count > 3:
            factors[1] = factors[2]  # one loss in two places
        return fresh.normal(n, dtype=number), factors, kind, form, on

    several = [some(fresh.integer(3, 6), "graph", form, on=form == "list") for form in ("list", "generator")]
    others = [some(4, "leaves", "list"), some(3, "plain", "tuple"), some(2, "plain", "list")]
    sizes = [some(1, "graph", "list"), some(1, "plain", "generator"), some(150, "graph", "list")]
    return [*several, *others, *sizes, some(3, "graph", "iterable", torch.float64)]


def broken_cases(fresh: Fresh) -> list[LossCase]:
    """Of the losses of a training that has broken down, one is NaN or infinite."""
    cases = []
    for worst in (torch.nan, torch.inf):
        factors = fresh.normal(fresh.integer(3, 6), 1)
        factors[fresh.integer(0, 2)] = worst
        cases.append((torch.ones(1), factors, "plain", "list", True))
    return cases


def judge_total(value: Any, losses: list[Tensor], kind: torch.dtype) -> None:
    """A 0-d tensor with the sum of the losses, in their dtype or a wider one."""
    if isinstance(value, (int, float)):
        raise Failed("the result is a Python number, not a tensor", "the values are read back to Python numbers")
    near = total_mistakes(losses)
    found = shape(value, (), "the result", near)
    expect(found.data.is_floating_point(), f"the result has dtype {found.dtype}")
    expect(
        found.dtype.itemsize >= kind.itemsize, f"the total of {kind} losses is {found.dtype}", "the dtype is not kept"
    )
    narrow, expected = found.data.double().to(kind), torch.stack(losses).sum()
    same = alike(narrow, expected, ulps=64) if expected.isfinite() else str(narrow) == str(expected.to(kind))
    if not same:
        known = next((words for words, other in near.items() if other.shape == () and alike(narrow, other)), None)
        raise Failed("the total is wrong" if not narrow.isnan() else "the total is NaN", known)


def values_before(seen: Mapping[str, Any]) -> list[Tensor]:
    """The values of the losses before the call."""
    return [tensor(loss).data.double() for loss in seen["before"]]


class Lesson:
    """A student, a teacher and an input, and what the loss and the gradients should be."""

    def __init__(
        self,
        fresh: Fresh,
        lead: tuple[int, ...],
        kind: torch.dtype,
        *,
        norms: bool = False,
        asks: bool = False,
        frozen: int = 0,
        evaluated: tuple[tuple[str, ...], tuple[str, ...]] = ((), ("2",)),
        far: float = 0.0,
        bounded: bool = False,
        again: bool = False,
    ) -> None:
        """Of the teacher's Parameters some are frozen; `evaluated` names the student's and the teacher's modules.

        `bounded` answers end with a Tanh, whose backward pass needs what it gave. `far` off are the answers of the two.
        `again`: the loss is asked for once more when both have changed.
        """
        a, b, c = fresh.sizes(3, 2, 5)
        self.kind, self.asks = kind, asks
        self.student = network_for(fresh, layers_for(a, b, c, norms, bounded), kind, 0, evaluated[0])
        self.teacher = network_for(fresh, layers_for(a, b + 1, c, norms, bounded), kind, frozen, evaluated[1])
        self.far = far
        self.teacher[1]["3.bias"] += far
        both = (self.student, self.teacher) if again else ()
        self.changes = [{"3.weight": fresh.normal(*spec[1]["3.weight"].shape, dtype=kind)} for spec in both]
        self.given = [self._gradients(fresh, spec) for spec in (self.student, self.teacher)]
        self.x = fresh.normal(*lead, a, dtype=kind)

    @staticmethod
    def _gradients(fresh: Fresh, spec: list[Any]) -> dict[str, Tensor]:
        names = [name for name in spec[1] if name not in spec[2] and name.endswith(("weight", "bias"))]
        return {name: fresh.normal(*spec[1][name].shape, dtype=spec[1][name].dtype) for name in names[::2]}

    def seen(self, student: Student, gradients_on: bool = True) -> Mapping[str, Any]:
        arguments = (self.student, self.teacher, self.given, self.x, self.asks, gradients_on, self.changes)
        seen: Mapping[str, Any] = observed(student, "consistent", *arguments)
        return seen

    def _mistakes(self, found: Any, loss: Tensor) -> dict[str, Tensor]:
        near, value = consistency_mistakes(self.student, self.teacher, self.x), tensor(found).data
        if self.far and value.shape == () and 0 < float(value) < float(loss) / 4:
            near["answers far from each other count less than by the square of their difference"] = value
        return near

    def judge_value(self, seen: Mapping[str, Any]) -> dict[str, Tensor]:
        """The loss is right; what the student's gradients should have grown by."""
        loss, gradients = direct_loss(self.student, self.teacher, self.x)
        near = functools.partial(self._mistakes, seen["value"], loss)
        right(seen["value"], loss, self.kind, "the loss", near, ulps=64)
        if self.changes:
            self._judge_again(seen, loss)
        return gradients

    def _judge_again(self, seen: Mapping[str, Any], earlier: Tensor) -> None:
        """The second loss is that of the changed models."""
        own, other = (
            [layers, state | values, *rest]
            for (layers, state, *rest), values in zip((self.student, self.teacher), self.changes, strict=True)
        )
        near = {
            "the loss of an earlier call is returned again": earlier,
            "the teacher's answer of an earlier call is used again": direct_loss(own, self.teacher, self.x)[0],
            "the student's answer of an earlier call is used again": direct_loss(self.student, other, self.x)[0],
        }
        right(
            seen["again"],
            direct_loss(own, other, self.x)[0],
            self.kind,
            "the loss of a second call, after both models have changed,",
            lambda: near,
            ulps=64,
        )

    def judge_kept(self, seen: Mapping[str, Any]) -> None:
        """x and the grad mode are as they were."""
        kept, left = sequence(seen["x"], 2)
        expect(equal(left, tensor(kept).data), "x holds other values afterwards", "x is written to")
        asked = "requires_grad of x is changed"
        expect(seen["asks"] is self.asks, "x.requires_grad is another after the call", asked)
        grad_mode_kept(seen["grad mode"])
        seeds = "the global generator is seeded inside: whatever is drawn later is the same each time"
        expect(seen["seeded"] is False, "torch.initial_seed() is another after the call", seeds)


def lessons(fresh: Fresh) -> list[Lesson]:
    """Batch norm in train mode and in eval mode; a batch of one; sequences."""
    some, batch, whole = fresh.integer(1, 4), fresh.integer(8, 12), ("", "0", "1", "2", "3")
    return [
        Lesson(fresh, (batch,), torch.float32, norms=True, frozen=some),
        Lesson(fresh, (1,), torch.float64, asks=True, far=fresh.number(500, 5000)),
        Lesson(fresh, (2, 7), torch.float32, frozen=2, evaluated=(("1",), ("0", "3")), again=True),
        Lesson(fresh, (batch,), torch.float64, norms=True, frozen=some, evaluated=(("1",), whole), bounded=True),
    ]
