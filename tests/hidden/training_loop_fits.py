"""The descents of fit_linear and fit_polynomial in float64, and what known mistakes arrive at instead."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from hidden.training_loop_judging import real
from torch import Tensor

from grader.judge import described, expect, sequence
from grader.verdicts import Failed

LINE_X = [3.3, 4.4, 5.5, 6.71, 6.93, 4.168, 9.779, 6.182, 7.59, 2.167, 7.042, 10.791, 5.313, 7.997, 3.1]
LINE_Y = [1.7, 2.76, 2.09, 3.19, 1.694, 1.573, 3.366, 2.596, 2.53, 1.221, 2.827, 3.465, 1.65, 2.904, 1.3]
LINE_SHOWN = [11.2489, 4.6657, 1.9987, 0.9182, 0.4805, 0.3031, 0.2313, 0.2021, 0.1903, 0.1855, 0.1835, 0.1827]

TOO_FLAT = "no step is made where the gradients are small or the loss would rise: each step counts"

Descent = tuple[float, float, list[float]]
Ending = Callable[[Descent], list[float]]


def descend(
    features: Tensor,
    y: Tensor,
    a: float,
    b: float,
    lr: float,
    steps: int,
    *,
    factor: float = 1.0,
    one_by_one: bool = False,
    spread: bool = False,
    total: bool = False,
    pile: bool = False,
    unbiased: bool = False,
) -> Descent:
    """y' = a·features + b: where it ends, and the losses before each step and behind the last.

    The options make it wrong; `spread` is (N, 1) minus (N,).
    """
    f, y = (np.asarray(part, dtype=np.float64).reshape(-1, 1) for part in (features, y))
    size = len(f) if total else len(f) / max(1, len(f) - 1) if unbiased else 1
    losses, piled = [], (0.0, 0.0)
    for step in range(steps + 1):
        r = a * f + b - (y.T if spread else y)
        losses.append(size * float(np.mean(r**2)))
        if step < steps:
            slopes = (2 * size * float(np.mean(r * f)), 2 * size * float(np.mean(r)))
            a -= lr * factor * (slopes[0] + piled[0])
            if one_by_one:
                slopes = (slopes[0], 2 * size * float(np.mean(a * f + b - y)))
            b -= lr * factor * (slopes[1] + piled[1])
            piled = (slopes[0] + piled[0], slopes[1] + piled[1]) if pile else piled
    return a, b, losses


MISTAKES: dict[str, dict[str, Any]] = {
    "the squares' sum is divided by N - 1, not by N": {"unbiased": True},
    "the factor 2 of the gradient is left out": {"factor": 0.5},
    "the sum of the squares, not their mean": {"total": True},
    "the second number is updated with the first one's new value: both gradients come first": {"one_by_one": True},
    "(N, 1) minus (N,) is broadcast to (N, N)": {"spread": True},
    "the steps go uphill": {"factor": -1.0},
    "nothing is learnt": {"factor": 0.0},
    "gradients are not cleared: they pile up": {"pile": True},
}


def expect_line(value: Any, x: Tensor, y: Tensor, weight: float, bias: float, lr: float, epochs: int) -> None:
    """Weight, bias and the losses before each update."""
    found = sequence(value, 3, "the result")
    numbers = [real(found[0], "the weight"), real(found[1], "the bias"), *_list(found[2], epochs)]
    names = ["the weight", "the bias", *(f"the loss of epoch {k + 1}" for k in range(epochs))]
    _judge(
        numbers,
        names,
        _line_ending,
        (x, y, weight, bias, lr, epochs),
        {
            "the losses are those after each update, not before it": lambda end: [end[0], end[1], *end[2][1:]],
            **{
                sentence: lambda end, factor=factor: [end[0], end[1], *(factor * loss for loss in end[2][:-1])]
                for sentence, factor in _loss_factors(y).items()
            },
            "the numbers with the smallest loss on the way are returned, not the last ones": lambda end: [
                *descend(x, y, weight, bias, lr, end[2].index(min(end[2])))[:2],
                *end[2][:-1],
            ],
            "weight and bias are exchanged": lambda end: [end[1], end[0], *end[2][:-1]],
            "the weight is cut to float32, where float64 has more digits": lambda _: _line_ending(
                descend(x, y, float(torch.tensor(weight)), bias, lr, epochs)
            ),
        },
        start=descend(x, y, weight, bias, lr, 0)[2][:epochs],
    )


def _line_ending(end: Descent) -> list[float]:
    return [end[0], end[1], *end[2][:-1]]


def _loss_factors(y: Tensor) -> dict[str, float]:
    """What the mean of squares is multiplied by."""
    n = y.numel()
    return {
        "the sum of the squares is returned, not their mean": n,
        "the squares' sum is divided by N - 1, not by N, for the loss that is returned": n / max(1, n - 1),
        "half of the mean of squares is returned": 0.5,
    }


def _list(value: Any, length: int) -> list[float]:
    if not isinstance(value, (list, tuple)):
        raise Failed(f"the losses are {described(value)}, not a list")
    wrong = "one loss more or less than epochs: one for each, before its update"
    expect(len(value) == length, f"there are {len(value)} losses for {length} epochs", wrong)
    return [real(loss, "a loss") for loss in value]


def expect_polynomial(value: Any, x: Tensor, y: Tensor, a: float, b: float, lr: float, steps: int) -> None:
    """a, b and the loss behind the last step."""
    names = ["a", "b", "the loss"]
    numbers = [real(seen, name) for seen, name in zip(sequence(value, 3, "the result"), names, strict=True)]
    features = x.double() ** 2
    _judge(
        numbers,
        names,
        lambda end: [end[0], end[1], end[2][-1]],
        (features, y, a, b, lr, steps),
        {
            "the loss from before the last step, not from behind it": lambda end: [
                end[0],
                end[1],
                end[2][max(-2, -len(end[2]))],
            ],
            **{
                sentence: lambda end, factor=factor: [end[0], end[1], factor * end[2][-1]]
                for sentence, factor in _loss_factors(y).items()
            },
            **{
                f"{what} cut to float32, where float64 has more digits": lambda end, u=u, v=v: [
                    *end[:2],
                    float((end[0] * u**2 + end[1] - v).square().mean()),
                ]
                for what, u, v in (
                    ("x and y are", x.float(), y.float()),
                    ("x is", x.float(), y),
                    ("y is", x, y.float()),
                )
            },
        },
        {
            "y' = a·x + b is fitted, not a·x² + b": x,
            "y' = a·x³ + b is fitted, not a·x² + b": x.double() ** 3,
        },
    )


def _judge(
    numbers: list[float],
    names: list[str],
    ending: Ending,
    problem: tuple[Any, ...],
    endings: dict[str, Ending],
    others: dict[str, Tensor] | None = None,
    start: Sequence[float] = (),
) -> None:
    """All numbers right, or a sentence for the ending, the descent or the features that they agree with."""
    end = descend(*problem)
    wrong = [name for name, seen, other in zip(names, numbers, ending(end), strict=True) if not _near(seen, other)]
    if not wrong:
        return
    near = {sentence: other(end) for sentence, other in endings.items()}
    if problem[1].abs().max() < 1e-6:
        near = {TOO_FLAT: ending(descend(*problem, factor=0.0))} | near
    near |= {sentence: ending(descend(*problem, **options)) for sentence, options in MISTAKES.items()}
    near |= {sentence: ending(descend(x, *problem[1:])) for sentence, x in (others or {}).items()}
    near["the exact solution is computed, where a descent is meant"] = ending(solved(problem[0], problem[1]))
    near["one step more than asked"] = ending(descend(*problem[:-1], problem[-1] + 1))[: len(numbers)]
    near["one step less than asked"] = ending(descend(*problem[:-1], max(0, problem[-1] - 1)))
    sentence = _recognized(numbers, near)
    if any(_rounded(numbers, ending(end), digits) for digits in (2, 3, 4)):
        sentence = sentence or "the numbers are rounded"
    if start and not _near(numbers[2], start[0]):
        sentence = sentence or "the descent does not begin at the given numbers"
    raise Failed(f"wrong: {', '.join(wrong[:4])}", sentence)


def solved(features: Tensor, y: Tensor) -> Descent:
    """Where a descent without end arrives."""
    design = np.stack([np.asarray(features, dtype=np.float64).ravel(), np.ones(features.numel())], axis=1)
    target = np.asarray(y, dtype=np.float64).ravel()
    a, b = np.linalg.lstsq(design, target, rcond=None)[0]
    return float(a), float(b), [float(np.mean((design @ (a, b) - target) ** 2))]


def _recognized(numbers: list[float], near: dict[str, list[float]]) -> str | None:
    for sentence, other in near.items():
        if len(other) == len(numbers) and all(_near(a, b) for a, b in zip(numbers, other, strict=True)):
            return sentence
    return None


def _rounded(numbers: list[float], expected: list[float], digits: int) -> bool:
    """All numbers are near, and those which differ have no more digits than these."""
    half = 0.51 * 10.0**-digits
    return all(
        _near(a, b) or (abs(a - b) < half and abs(a - round(a, digits)) < 1e-9)
        for a, b in zip(numbers, expected, strict=True)
    )


def _near(seen: float, expected: float) -> bool:
    return abs(seen - expected) <= 1e-5 + 1e-4 * abs(expected)


def line_cases(fresh: Any) -> list[tuple[Any, ...]]:
    """(x, y, weight, bias, lr, epochs) on noisy lines."""
    cases = []
    for epochs in (fresh.integer(3, 6), fresh.integer(20, 40)):
        n, (slope, shift) = fresh.integer(5, 12), (fresh.number(-2, 2), fresh.number(-2, 2))
        x = fresh.normal(n) + 0.5
        cases.append((x, slope * x + shift + fresh.normal(n), fresh.number(-2, 2), fresh.number(-2, 2), 0.06, epochs))
    x = fresh.normal(5)
    cases.append((x, 2 * x + 1, 2.0, 1.0, 0.06, 4))  # there is nothing to learn, and yet a loss an epoch
    x = 1 + fresh.normal(4).abs()
    return [*cases, (x, x - 1, 1.0, fresh.number(1, 2), 1.0, 3)]  # too fast: the losses rise


def polynomial_cases(fresh: Any) -> list[tuple[Any, ...]]:
    """(x, y, a, b, lr, steps) on noisy parabolas."""
    cases = []
    for steps, lr in ((fresh.integer(2, 4), 0.05), (fresh.integer(140, 160), 0.002)):  # the optimum is far off
        n = fresh.integer(5, 12)
        x = 2 * fresh.normal(n).tanh()
        y = fresh.number(-2, 2) * x**2 + fresh.number(-2, 2) + fresh.normal(n)
        cases.append((x, y, fresh.number(-2, 2), fresh.number(-2, 2), lr, steps))
    return cases


def long_digits(fresh: Any) -> tuple[Any, ...]:
    """No step in float64, where the residuals stand behind the digits of float32; `a` has few."""
    x, a = fresh.normal(5, dtype=torch.float64) + 2, 2.0**26
    return x, a * x**2 + fresh.normal(5, dtype=torch.float64), a, 0.0, 0.1, 0


def long_start(fresh: Any) -> tuple[Any, ...]:
    """One step in float64 on a line that begins behind the digits of float32."""
    x, weight = fresh.normal(5, dtype=torch.float64).abs() + 1, 2.0**26 + fresh.number(1.5, 2.5)
    return x, weight * x + 0.1 * fresh.normal(5, dtype=torch.float64), weight, 0.0, 0.1, 1


def flat(fresh: Any) -> tuple[Any, ...]:
    """One step, which the rate makes a large one where all gradients are tiny."""
    return fresh.normal(5), 1e-12 * (1 + fresh.normal(5).abs()), 0.0, 0.0, 1e11, 1


def edge_cases(fresh: Any, pairs: list[list[Tensor]], lr: float) -> list[tuple[Any, ...]]:
    """Each pair of x and y from a start of its own, with several steps, one, and none."""
    return [
        (x, y, round(fresh.number(-2, 2), 3), round(fresh.number(-2, 2), 3), lr, steps)
        for x, y in pairs
        for steps in (fresh.integer(2, 4), 1, 0)
    ]
