"""Parameters, models and what one or more updates make of them."""

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

import torch
from hidden.no_grad_models import alike, contents, gradients_for, observed, right, sketch, twin
from torch import Tensor

from grader.fresh import Fresh
from grader.judge import expect, sequence
from grader.student import Student


class Step:
    """Parameters of many layouts, gradients for most of them, and what one update makes of them."""

    def __init__(self, fresh: Fresh, kind: torch.dtype = torch.float32, rate: float | None = None) -> None:
        a, b = fresh.sizes(2, 2, 5)
        shapes = [(a, b), (b,), (), (1, a), (0, b), (b, a), (a,), (b, b)]
        self.kind, self.rate = kind, fresh.number(0.1, 0.9) if rate is None else rate
        self.values = [fresh.normal(*size, dtype=kind) for size in shapes]
        self.values[5], self.values[6] = fresh.normal(a, b, dtype=kind).t(), fresh.normal(2 * a, dtype=kind)[1::2]
        self.gradients: list[Tensor | None] = [fresh.normal(*size, dtype=kind) for size in shapes]
        pairs = [pair for pair in combinations((0, 1, 6, 7), 2) if pair != (6, 7)]
        for i in fresh.choice(pairs):  # behind the first without a gradient stands one that has one
            self.gradients[i] = None
        self.cotangents = [fresh.normal(*size, dtype=kind) for size in shapes]

    def at(self, factor: float) -> list[Tensor]:
        """Each value minus `factor` times its gradient, in float64."""
        pairs = zip(self.values, self.gradients, strict=True)
        return [v.double() - factor * g.double() if g is not None else v.double() for v, g in pairs]

    def judge(self, found: Any, what: str, form: str = "list") -> None:
        """The new value of each parameter."""
        found = sequence(found, len(self.values))
        for i, (own, wanted) in enumerate(zip(found, self.at(self.rate), strict=True)):
            name = f"{what} {i}, which has {'no' if self.gradients[i] is None else 'a'} gradient,"
            right(own, wanted, self.kind, name, lambda i=i: self._mistakes(i, found, form))

    def _mistakes(self, i: int, found: list[Any], form: str) -> dict[str, Tensor]:
        rate, gradient = self.rate, self.gradients[i]
        return {
            self._why_unchanged(found, form): self.at(0.0)[i],
            "uphill: the gradient is added, not subtracted": self.at(-rate)[i],
            "the learning rate is left out": self.at(1.0)[i],
            "the step is taken twice": self.at(2 * rate)[i],
            "the step is written in the value's place": self.values[i] if gradient is None else -rate * gradient,
        }

    def _why_unchanged(self, found: list[Any], form: str) -> str:
        """The sentence for parameters that keep their values: all of them, or only some."""
        pairs = list(zip(found, self.values, self.gradients, strict=True))
        moved = [own for own, value, g in pairs if g is not None and g.numel() and not alike(own.data, value)]
        if moved:
            return "some parameters that have a gradient keep their values: only those without are to be skipped"
        if form != "list":
            return f"nothing happens to the parameters of a {form}, which can be gone through only once"
        return "the parameters keep their values: p = p - … only gives the name to another tensor"


def steps(fresh: Fresh) -> list[tuple[Step, str]]:
    return [
        *((Step(fresh), "list"), (Step(fresh), "generator"), (Step(fresh, torch.float64), "tuple")),
        *((Step(fresh, rate=0.0), "list"), (Step(fresh), "iterable")),
    ]


def stepped(student: Student, step: Step, form: str, gradients_on: bool = True) -> Mapping[str, Any]:
    arguments = (step.values, step.gradients, step.rate, form, step.cotangents, gradients_on)
    seen: Mapping[str, Any] = observed(student, "updated", *arguments)
    return seen


class Average:
    """A target, a source and one or more decays, and what the updates make of the target."""

    def __init__(self, fresh: Fresh, decays: Sequence[float], flags: str = "mixed", kind: Any = torch.float32) -> None:
        self.decays, self.kind = list(decays), kind
        self.target = sketch(fresh, flags, kind, ties=False, strided=False)
        self.source = twin(fresh, self.target, "all" if flags == "none" else "mixed")
        self.gradients = [gradients_for(fresh, members) for members in (self.target, self.source)]
        self.own, self.other = (contents(members, "parameter") for members in (self.target, self.source))

    def seen(self, student: Student, keyword: bool = False, gradients_on: bool = True) -> Mapping[str, Any]:
        arguments = (self.target, self.source, self.gradients, self.decays, keyword, gradients_on)
        seen: Mapping[str, Any] = observed(student, "averaged", *arguments)
        return seen

    def mixed(self, name: str, own: float, other: float, times: int = 1) -> Tensor:
        value = self.own[name].double()
        for _ in range(times * len(self.decays)):
            value = own * value + other * self.other[name].double()
        return value

    def wanted(self, name: str) -> Tensor:
        value = self.own[name].double()
        for decay in self.decays:
            value = decay * value + (1 - decay) * self.other[name].double()
        return value

    def _mistakes(self, name: str) -> dict[str, Tensor]:
        d, own = self.decays[0], self.own[name].double()
        flags = {member[0]: member[3] for member in self.target if member[1] == "parameter"}
        still = "the Parameters keep their values: the average goes into other tensors"
        if not flags[name] and any(flags.values()):
            still = "Parameters that the target does not train are left out: averaging is no training"
        return {
            still: own,
            "decay is given to the source, and 1 - decay to the target": self.mixed(name, 1 - d, d),
            "the source is copied, not averaged": self.other[name].double(),
            "the target is not multiplied by decay": self.mixed(name, 1.0, 1 - d),
            "the source is not multiplied by 1 - decay": self.mixed(name, d, 1.0),
            "the update is done twice": self.mixed(name, d, 1 - d, times=2),
            "the plain mean of both, whatever the decay": self.mixed(name, 0.5, 0.5),
        }

    def judge(self, found: Any, what: str = "the Parameter") -> None:
        expect(isinstance(found, dict), "the observations are missing")
        for name in self.own:
            expect(name in found, f"the target has no Parameter {name} any more")
            right(found[name], self.wanted(name), self.kind, f"{what} {name}", lambda name=name: self._mistakes(name))


def averages(fresh: Fresh) -> list[Average]:
    d, e = fresh.number(0.1, 0.4), fresh.number(0.6, 0.95)
    return [
        *(Average(fresh, [d], "none"), Average(fresh, [e], "mixed"), Average(fresh, [0.0]), Average(fresh, [1.0])),
        *(Average(fresh, [e, d, e], "all"), Average(fresh, [d], "all", torch.float64)),
    ]


def buffer_mistake(found: Tensor, own: Tensor) -> str:
    if torch.equal(found, own):
        return "buffers are left out" if own.is_floating_point() else "buffers that hold no floats are left out"
    return "buffers are averaged like Parameters; they are statistics and counts, to be copied"
