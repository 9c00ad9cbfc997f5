"""Numbers to round, and how a rounded tensor is judged."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from hidden.no_grad_models import grad_mode_kept, observed
from torch import Tensor

from grader.fresh import Fresh
from grader.judge import expect, sequence, shape, tensor
from grader.student import Student
from grader.verdicts import Failed


def numbers_to_round(fresh: Fresh) -> list[Tensor]:
    a, b, c = fresh.sizes(3, 2, 5)
    halves = (fresh.integers(-9, 9, a, b) + 0.5).float()
    cases = [
        2 * fresh.normal(a, b),
        halves,
        5 * fresh.normal(a, 2 * b)[:, ::2],
        (3 * fresh.normal(a, b, c)).transpose(0, 2),
    ]
    edges = torch.tensor([0.5, 1.5, -0.5, -1.5, 2.5, -2.5, 0.0, 0.49999997, -0.50000006, 8388607.5, 1e9, -1e20, 3.0])
    wide = torch.tensor([0.5 + 1e-12, 2.5 + 1e-9, 123456789012.5, -1e300], dtype=torch.float64)  # too much for float32
    others = [torch.cat([7 * fresh.normal(c, dtype=torch.float64), wide]), halves.double()[0]]
    others.append(9 * fresh.normal(a, 1, dtype=torch.float16))
    return [*cases, edges, 4 * fresh.normal(), fresh.normal(0, b), 4 * fresh.normal(1), *others, halves[:1, :1]]


def rounding_mistakes(x: Tensor) -> dict[str, Tensor]:
    return {
        "x comes back as it is, not rounded": x,
        "halves go up: round takes them to the even neighbor": (x + 0.5).floor(),
        "halves go away from zero: round takes them to the even neighbor": x.sign() * (x.abs() + 0.5).floor(),
        "the decimals are cut off, not rounded": x.trunc(),
        "rounded down": x.floor(),
        "rounded up": x.ceil(),
        "the rounding error is added with the wrong sign": 2 * x - x.round(),
        "the rounding error comes back, not the rounded value": x.round() - x,
        "x is rounded in float32, which can't hold every float64": x + (x.float().round().to(x.dtype) - x),
    }


def judge_rounded(entry: Mapping[str, Any], x: Tensor, how: str) -> None:
    """The values of round(x), within what adding and subtracting x may cost; and x as before."""
    value = entry["value"]
    found = shape(value, tuple(x.shape), "the result")
    if found.dtype != x.dtype:
        raise Failed(f"the result has dtype {found.dtype} for an x of {x.dtype}", "the dtype of x is not kept")
    room = 4 * torch.finfo(x.dtype).eps * x.abs().double()
    if not bool(((found.data.double() - x.double().round()).abs() <= room * (x.abs() >= 0.5)).all()):
        near = rounding_mistakes(x)
        known = next((words for words, other in near.items() if torch.equal(found.data, other)), None)
        raise Failed("some values are not those of torch.round" if not found.data.isnan().any() else "NaN", known)
    same = torch.equal(tensor(entry["before"]).data, tensor(entry["left"]).data)
    expect(same, "x holds other values afterwards", "x is written to")
    expect(entry["asks as before"], "requires_grad of x is another afterwards", "requires_grad of x is set")
    if how == "plain":
        expect(not tensor(entry["result"]).requires_grad, "the result requires a gradient, which x does not")
    grad_mode_kept(entry["grad mode"])


def rounded_cases(
    student: Student, fresh: Fresh, ways: Sequence[str]
) -> list[tuple[Mapping[str, Any], Tensor, Tensor, str]]:
    cases = [
        (x, fresh.normal(*x.shape, dtype=x.dtype), ways[i % len(ways)]) for i, x in enumerate(numbers_to_round(fresh))
    ]
    replies = sequence(observed(student, "rounded", cases), len(cases))
    return [(entry, *case) for entry, case in zip(replies, cases, strict=True)]


def gradient_mistakes(cotangent: Tensor, x: Tensor) -> dict[str, Tensor]:
    return {
        "the gradient of rounding itself, which is 0": torch.zeros_like(cotangent),
        "the gradient is 1 everywhere: the one that comes from above is ignored": torch.ones_like(cotangent),
        "the gradient passes twice": 2 * cotangent,
        "the gradient comes back with the wrong sign": -cotangent,
        "the gradient passes only where abs(x) <= 1": cotangent * (x.abs() <= 1),
        "the gradient is multiplied by the rounded value": cotangent * x.round(),
        "the gradient is multiplied by x": cotangent * x,
    }
