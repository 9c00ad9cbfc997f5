"""Whether coins are independent: a right sample fails once in 10**10 times."""

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from grader.judge import expect
from grader.verdicts import Failed

ROW = "one coin for a whole row: each place needs a coin of its own"
COLUMN = "one coin for a whole column: each row needs a coin of its own"
CHANGES = "the probability of the gold token is not the same in all columns"
CALL = "one coin for the whole call: each row and place needs a coin of its own"
TURNED = "ratio is the probability of the model's token, not of the gold one"
SHARE = "an exact share of gold tokens in place of independent coins"


def heads_or_tails(mixed: Tensor, gold: Tensor, own: Tensor) -> tuple[Tensor, Tensor]:
    """(whether the gold token was taken, where this is known), for every input after the first."""
    gold, own, mixed = gold[:, 1:], own[:, :-1], mixed[:, 1:]
    return mixed == gold, gold != own


def independent(heads: Tensor, known: Tensor, ratio: float) -> None:
    """Share, rows, columns and neighbors of one large sample (B, T) are those of independent coins."""
    share = float(heads[known].double().mean())
    expect(0 < share < 1, f"all coins show the same at a ratio of {ratio:.2f}", CALL)
    rows, columns = spread(heads, known, share, 1), spread(heads, known, share, 0)
    expect(rows < limits(len(heads))[1], "the coins of a row hang together", ROW)
    if columns >= limits(heads.size(1))[1]:
        raise Failed("the coins of a column hang together", _why_columns(heads, known))
    far = 6.5 * math.sqrt(ratio * (1 - ratio) / int(known.sum()))
    wrong = TURNED if abs(share - (1 - ratio)) < far else None
    expect(abs(share - ratio) <= far, f"ratio {ratio:.2f} gives a share of {share:.2f} gold tokens", wrong)
    expect(rows > limits(len(heads))[0], "all rows have almost the same number of gold tokens", SHARE)
    expect(columns > limits(heads.size(1))[0], "all columns have almost the same number of gold tokens", SHARE)
    if ratio == 0.5:
        expect(not copies(heads, known), "two rows have the same coins or the opposite ones", COLUMN)
        expect(not copies(heads.T, known.T), "two columns have the same coins or the opposite ones", ROW)
    for dim, diagnosis in ((1, ROW), (0, COLUMN)):
        distance = abs(neighbors(heads, known, share, dim))
        expect(distance < 6.7, "the coins of neighbors hang together", diagnosis)


def _why_columns(heads: Tensor, known: Tensor) -> str:
    shares = (heads & known).sum(0) / known.sum(0).clamp_min(1)
    gold, own = (shares > 0.95).sum(), (shares < 0.05).sum()
    return COLUMN if gold > 2 and own > 2 and gold + own > 0.9 * len(shares) else CHANGES


def copies(heads: Tensor, known: Tensor) -> bool:
    """Whether two lines agree, or disagree, wherever both are known: one of 2**45 pairs of 48 fair coins does."""
    both = known[:, None] & known
    unlike = ((heads[:, None] != heads) & both).sum(-1)
    alike = (unlike == 0) | (unlike == both.sum(-1))
    return bool(alike.fill_diagonal_(False).any())


def many_calls(heads: Sequence[Tensor], known: Sequence[Tensor]) -> None:
    """Sixty small calls at a ratio of a half have coins, and each call coins of its own."""
    first = heads[0], known[0]
    repeated = all(torch.equal(h[k & first[1]], first[0][k & first[1]]) for h, k in zip(heads, known, strict=True))
    expect(not repeated, "every call throws the same coins", "every call throws the same coins")
    deviations = [
        float((h & k).sum() - k.sum() / 2) ** 2 / max(1.0, float(k.sum()) / 4)
        for h, k in zip(heads, known, strict=True)
    ]
    low, high = limits(len(heads))
    expect(sum(deviations) > low, "every call has almost the same number of gold tokens", SHARE)
    expect(sum(deviations) < high, "the coins of a call hang together", CALL)


def spread(heads: Tensor, known: Tensor, ratio: float, dim: int) -> float:
    """The sum of squared deviations of the lines' counts, in units of a coin's variance: about the number of lines."""
    count = known.sum(dim).double()
    hits = (heads & known).sum(dim).double()
    return float((((hits - ratio * count) ** 2) / (count * ratio * (1 - ratio)).clamp_min(1e-9)).sum())


def limits(lines: int) -> tuple[float, float]:
    """Bounds of a chi-square of 36 to 60 degrees of freedom: beyond either lie 1e-11 or less."""
    return lines / 3 - 8.5, lines + 11.5 * math.sqrt(2 * lines)


def neighbors(heads: Tensor, known: Tensor, ratio: float, dim: int) -> float:
    """The correlation of neighbors along a dim, in standard deviations."""
    score = torch.where(known, heads.double() - ratio, 0.0) / math.sqrt(ratio * (1 - ratio))
    size = heads.size(dim) - 1
    one, other = score.narrow(dim, 0, size), score.narrow(dim, 1, size)
    both = (known.narrow(dim, 0, size) & known.narrow(dim, 1, size)).sum()
    return float((one * other).sum() / both.double().sqrt())
