"""What greedy decoding and scheduled sampling give, and what known mistakes give instead."""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from hidden.teacher_forcing_models import GAP, Sketch
from torch import Tensor

from grader.confined.values import Seen
from grader.judge import dtype, expect, shape, tensor
from grader.verdicts import Failed

Mistakes = Mapping[str, Tensor]
VALUE = "the top value is taken, where its index is the token"
CLOSE = "a token almost as probable as the best one is taken: it is drawn, or digits of the logits are lost"


def ids_right(value: Any, expected: Tensor, mistakes: Callable[[], Mistakes], what: str = "the result") -> None:
    """Long ids, equal to the reference's."""
    seen = tensor(value, what)
    if not _same(seen.data, expected):
        known = mistakes().items()
        sentence = next((sentence for sentence, other in known if _same(seen.data, other)), None)
        expect(not seen.data.is_floating_point(), f"{what} has dtype {seen.dtype}", sentence or VALUE)
        if seen.shape != tuple(expected.shape):
            raise Failed(f"{what} has shape {seen.shape}, not the one that the docstring promises", sentence)
        off = int((seen.data != expected).sum())
        raise Failed(f"{what}: {off} of {expected.numel()} ids are wrong", sentence)
    dtype(seen, torch.int64, what, {"ids are no longer integers": torch.float32})


def _same(seen: Tensor, other: Tensor) -> bool:
    """Equal numbers of whatever dtype."""
    return seen.shape == other.shape and not seen.is_complex() and torch.equal(seen.double(), other.double())


# greedy_decode


def columns(free: Tensor, prompt: Tensor, eos: int) -> int:
    """How many new columns there are until every row has written an eos."""
    new = free[:, prompt.size(1) :] == eos
    ended = new.any(1)
    if not new.size(1) or not ended.all():
        return new.size(1)
    return int(new.int().argmax(1).max()) + 1


def running(free: Tensor, prompt: Tensor, eos: int) -> Tensor:
    """Where `free` holds the prompt or a token of a row that has not ended before it."""
    hit = (free == eos).int()
    hit[:, : prompt.size(1)] = 0
    return (hit.cumsum(1) - hit) == 0


def before_the_end(free: Tensor, prompt: Tensor, eos: int) -> Tensor:
    """The same without the eos that ends a row: what a model is fed behind its last token doesn't matter."""
    hit = free == eos
    hit[:, : prompt.size(1)] = False
    return hit.cumsum(1) == 0


def behind_eos(free: Tensor, prompt: Tensor, eos: int) -> Tensor:
    return ~running(free, prompt, eos)


def decoded(free: Tensor, prompt: Tensor, eos: int, pad: int) -> Tensor:
    """The right answer: eos is kept, pads stand behind it."""
    width = prompt.size(1) + columns(free, prompt, eos)
    return free.masked_fill(behind_eos(free, prompt, eos), pad)[:, :width]


def decoding_mistakes(model: Sketch, free: Tensor, prompt: Tensor, eos: int, pad: int) -> dict[str, Tensor]:
    T0, right = prompt.size(1), decoded(free, prompt, eos, pad)
    width, behind = right.size(1), behind_eos(free, prompt, eos)
    with_prompt = (free == eos).int()
    after_any = (with_prompt.cumsum(1) - with_prompt) > 0
    longer = model.free(prompt, free.size(1) + 1)
    ends = [columns(row[None], prompt[:1], eos) for row in free]
    known = {
        "no stop at eos: rows go on to the last column": free,
        "no pads behind eos: a row that has ended goes on": free[:, :width],
        "eos is not kept": right.masked_fill((right == eos) & (torch.arange(width) >= T0), pad),
        "eos is repeated behind eos, where pads are meant": free.masked_fill(behind, eos)[:, :width],
        "more columns than were generated: it doesn't stop when all rows have": free.masked_fill(behind, pad),
        "an eos in the prompt ends the row": torch.cat([prompt, free.masked_fill(after_any, pad)[:, T0:]], 1)[
            :, :width
        ],
        "one token too many": decoded(longer, prompt, eos, pad),
        "max_new_tokens counts the prompt, too": decoded(free[:, : max(T0, free.size(1) - T0)], prompt, eos, pad),
        "a column of pads too many: it stops a step late": torch.cat([right, torch.full_like(right[:, :1], pad)], 1),
        "only the new tokens are returned": right[:, T0:],
        **_without_pads(right, T0, pad),
        "it stops when the first row has ended": right[:, : T0 + min(ends)],
        "the last column is missing": right[:, :-1],
        "an eos at the end of the prompt ends the row": _ended_before(free, prompt, eos, pad),
        "the prompt is returned as it is": prompt,
        "a token that equals pad ends the row": _ended_by(free, T0, (eos, pad), pad)[:, :width],
    }
    alone = torch.cat([prompt, model.forgetful(prompt, free.size(1))[:, T0:]], 1)
    last = torch.cat([prompt, model.free(prompt[:, -1:], free.size(1) - T0 + 1)[:, 1:]], 1)
    least = prompt
    while least.size(1) < free.size(1):
        least = torch.cat([least, model.logits(least)[:, -1:].argmin(-1)], 1)
    return known | {
        "the state is dropped: each step sees one token only": decoded(alone, prompt, eos, pad),
        "only the last token of the prompt is fed": decoded(last, prompt, eos, pad),
        "the least probable token is taken": decoded(least, prompt, eos, pad),
        "a row that has ended goes on after a pad: it is forgotten that it has": _forgotten(
            model, free, prompt, eos, pad
        ),
    }


def _forgotten(model: Sketch, free: Tensor, prompt: Tensor, eos: int, pad: int) -> Tensor:
    """What comes out if only the newest token tells which rows have ended."""
    ended = torch.zeros(len(prompt), 1, dtype=torch.bool)
    while prompt.size(1) < free.size(1) and not (len(prompt) and ended.all()):
        newest = model.best(prompt)[:, -1:].masked_fill(ended, pad)
        prompt, ended = torch.cat([prompt, newest], 1), newest == eos
    return prompt


def _without_pads(right: Tensor, start: int, pad: int) -> dict[str, Tensor]:
    shorter = right
    while shorter.size(1) > start and (shorter[:, -1] == pad).all():
        shorter = shorter[:, :-1]
    cut = {"columns of pads that the model has written are missing at the end": shorter}
    return cut if shorter.size(1) < right.size(1) else {}


def _ended_before(free: Tensor, prompt: Tensor, eos: int, pad: int) -> Tensor:
    ended, start = prompt[:, -1] == eos, prompt.size(1)
    width = start + (1 if ended.all() else columns(free[~ended], prompt, eos))
    taken = free.masked_fill(behind_eos(free, prompt, eos), pad)
    taken[ended, start:] = pad
    return taken[:, :width]


def _ended_by(free: Tensor, start: int, ends: tuple[int, ...], pad: int) -> Tensor:
    hit = torch.isin(free, torch.tensor(ends)).int()
    hit[:, :start] = 0
    return free.masked_fill((hit.cumsum(1) - hit) > 0, pad)


def not_greedy(model: Sketch, value: Any, prompt: Tensor, eos: int, pad: int) -> str | None:
    """The sentence for a row that goes on with another than its most probable token; a pad may stand behind its end."""
    if not isinstance(value, Seen) or value.data.dtype != torch.int64 or value.data.dim() != 2:
        return None
    ids = value.data
    if len(ids) != len(prompt) or ids.size(1) <= prompt.size(1) or not torch.equal(ids[:, : prompt.size(1)], prompt):
        return None
    if ids.min() < 0 or ids.max() >= model.tokens:
        return None
    new = running(ids, prompt, eos)[:, 1:]
    new[:, : prompt.size(1) - 1] = False
    wrong = new & (ids[:, 1:] != model.best(ids)[:, :-1]) & (ids[:, 1:] != pad)
    return "a token is taken that is not the most probable one after those before it" if wrong.any() else None


# scheduled_inputs


def own_after(model: Sketch, mixed: Tensor, gap: float = 0) -> Tensor:
    """Whether each token but the first is among the model's most probable after the tokens before it, (B, T-1)."""
    logits = model.logits(mixed)[:, :-1]
    taken = logits.gather(-1, mixed[:, 1:, None])[..., 0]
    return taken >= logits.amax(-1) - (GAP if model.kind == "recurrent" else gap)


def mixed_right(model: Sketch, value: Any, inputs: Tensor, what: str = "the mixed inputs") -> Tensor:
    """Long ids: the first column is gold, every other id is gold or the model's own after the mixed prefix."""
    seen = dtype(shape(value, tuple(inputs.shape), what), torch.int64, what, {VALUE: torch.float32})
    return mixed_ids(model, seen.data, inputs)


def mixed_ids(model: Sketch, mixed: Tensor, inputs: Tensor) -> Tensor:
    """The same for ids that have come in."""
    first = "the first column is not kept"
    expect(torch.equal(mixed[:, :1], inputs[:, :1]), "the first column is not that of the inputs", first)
    if mixed.size(1) == 1:
        return mixed
    outside = (mixed < 0) | (mixed >= model.tokens)
    expect(not outside.any(), "the mixed inputs hold ids that are neither gold nor the model's", None)
    wrong = (mixed[:, 1:] != inputs[:, 1:]) & ~own_after(model, mixed)
    if wrong.any():
        raise Failed(
            f"{int(wrong.sum())} of {wrong.numel()} ids are neither gold nor the model's choice after the mixed prefix",
            _why_foreign(model, mixed, inputs),
        )
    return mixed


def _why_foreign(model: Sketch, mixed: Tensor, inputs: Tensor) -> str | None:
    T = inputs.size(1)
    parallel, own = model.best(inputs), model.best(mixed)
    alone = torch.cat([model.best(mixed[:, t : t + 1]) for t in range(T)], 1)
    known = {
        "the model's choice after the gold prefix, not after the mixed one": parallel[:, :-1],
        "the model's choice one place too late: it is to follow the tokens before it": own[:, 1:],
        "the model's choice after the gold prefix, one place too late": parallel[:, 1:],
        "the state is dropped: the choice depends on one token only": alone[:, :-1],
        "the choice depends on one token and the last state of the gold inputs": parallel[:, 1:],
    }
    gold, rest = inputs[:, 1:], mixed[:, 1:]
    close = CLOSE if (own_after(model, mixed, GAP) | (rest == gold)).all() else None
    return next((sentence for sentence, other in known.items() if ((rest == gold) | (rest == other)).all()), close)


def unscheduled(model: Sketch, inputs: Tensor) -> dict[str, Tensor]:
    """What wrong submissions give where ratio is 0."""
    parallel, first = model.best(inputs), inputs[:, :1]
    return {
        "ratio 0 still feeds gold tokens": inputs,
        "the model's choice after the gold prefix, not after its own": torch.cat([first, parallel[:, :-1]], 1),
        "the model's choice one place too late": torch.cat([first, parallel[:, 1:]], 1),
        "the outputs of the model, not the inputs": parallel,
        "the last column is always gold": torch.cat([model.free(first, inputs.size(1))[:, :-1], inputs[:, -1:]], 1),
        "the state is dropped: the choice depends on one token only": model.forgetful(first, inputs.size(1)),
    }
