"""Models and batches of every size and condition."""

from typing import Any

import torch
from hidden.teacher_forcing_decoding import behind_eos, decoded, running
from hidden.teacher_forcing_losses import Batch, batch
from hidden.teacher_forcing_models import Sketch, clear, machine, recurrent, settled
from torch import Tensor


def spread(x: Tensor) -> Tensor:
    """The same values as the last columns of a longer tensor: no view makes one dim of its dims."""
    return torch.cat([x + 1, x], 1)[:, x.size(1) :]


def cell(fresh: Any) -> str:
    return str(fresh.choice(["GRU", "LSTM"]))


def extreme(fresh: Any, tokens: int, of: Batch, *, free: bool = False) -> tuple[Sketch, Batch]:
    """A machine with logits of ±1e4, and a batch of which a real label gets -1e4: no chance at all."""
    while True:
        model = machine(fresh, tokens)
        size = model.weights["table"].shape
        signs = 2.0 * fresh.integers(0, 1, *size) - 1
        model = Sketch("machine", model.sizes, {"table": clear(1e4 * signs + fresh.normal(*size))})
        fed = model.free(of.inputs[:, :1], of.inputs.size(1)) if free else of.inputs
        logits = model.logits(fed).gather(-1, of.labels[..., None])[..., 0]
        if (logits[of.real] < 0).any():
            return model, of


def forced_cases(fresh: Any) -> list[tuple[Sketch, Batch]]:
    V = fresh.integer(6, 9)
    B, T = fresh.sizes(2, 3, 6)
    cases = [
        (machine(fresh, V), batch(fresh, V, B, T)),
        (machine(fresh, V), batch(fresh, V, T, B, bos_is_pad=True)),
        (machine(fresh, V), batch(fresh, V, B, T, unrelated=True)),
        (machine(fresh, V), with_padding(batch(fresh, V, 1, T))),
        (machine(fresh, V), with_empty_row(fresh, batch(fresh, V, B, 1))),
        (close_call(fresh, V), batch(fresh, V, B, T)),
        (machine(fresh, V), batch(fresh, V, 1, 1, bos_is_pad=True)),
        (machine(fresh, V), batch(fresh, V, 3, 2, pad_is_zero=True)),
        (machine(fresh, V, dtype=torch.float64), batch(fresh, V, B, T)),
        extreme(fresh, V, batch(fresh, V, B, T)),
    ]
    cases.append((recurrent(fresh, cell(fresh), V), batch(fresh, V, B, T)))
    strided = cases[0][1]
    cases.append((machine(fresh, V), Batch(spread(strided.inputs), spread(strided.labels), strided.pad)))
    return [*cases, (machine(fresh, V), with_empty_row(fresh, batch(fresh, V, B, T)))]


def with_padding(of: Batch) -> Batch:
    """Two columns of padding more."""
    blank = torch.full_like(of.labels[:, :1].expand(-1, 2), of.pad)
    return Batch(torch.cat([of.inputs, blank], 1), torch.cat([of.labels, blank], 1), of.pad)


def close_call(fresh: Any, tokens: int, **options: Any) -> Sketch:
    """A machine with a token, before the best one unless that is 0, almost as probable: float32 tells them apart."""
    model = machine(fresh, tokens, **options)
    table = model.weights["table"]
    best = table.argmax(1, keepdim=True)
    close = table.scatter(1, (best - 1).abs(), table.gather(1, best) - 3e-4)
    return Sketch("machine", model.sizes, {"table": close})


def with_empty_row(fresh: Any, of: Batch) -> Batch:
    """One row more, without a real label."""
    blank = torch.full_like(of.labels[:1], of.pad)
    return Batch(torch.cat([of.inputs, blank]), torch.cat([of.labels, blank]), of.pad)


def free_cases(fresh: Any) -> list[tuple[Sketch, Batch]]:
    V = fresh.integer(6, 9)
    B, T = fresh.sizes(2, 3, 6)
    cases = [
        (machine(fresh, V), batch(fresh, V, B, T)),
        (machine(fresh, V), batch(fresh, V, T, B, bos_is_pad=True)),
        (machine(fresh, V), batch(fresh, V, B, T, unrelated=True)),
        (machine(fresh, V), with_padding(batch(fresh, V, 1, T))),
        (machine(fresh, V), with_empty_row(fresh, batch(fresh, V, B, 1))),
        (close_call(fresh, V), batch(fresh, V, 8, 6)),
        (machine(fresh, V), batch(fresh, V, 1, 1)),
        (machine(fresh, V, dtype=torch.float64), batch(fresh, V, B, 2, pad_is_zero=True)),
        extreme(fresh, V, batch(fresh, V, B, T), free=True),
        (machine(fresh, V), with_empty_row(fresh, batch(fresh, V, B, T))),
    ]
    strided = cases[0][1]
    cases.append((machine(fresh, V, brief=True), Batch(spread(strided.inputs), spread(strided.labels), strided.pad)))
    of = batch(fresh, V, B, T)
    cases.append((settled(fresh, cell(fresh), V, of.inputs[:, :1], T), of))
    return cases


# greedy_decode; its special tokens are not 0 unless that is asked for

LONG = 70  # tokens


def never(fresh: Any, *, inside: bool = False, brief: bool = False) -> tuple[Sketch, Tensor, int, int, int]:
    """A case in which no row ever ends, although pad is written, and eos may stand `inside` all prompts.

    The last column does not consist of pads.

    The first choice is one that half precision gets wrong: the second-best token comes before the best one.
    """
    while True:
        V = fresh.integer(6, 9)
        eos, pad = fresh.python.sample(range(1, V), 2)
        prompt, new = fresh.integers(0, V - 1, *fresh.sizes(2, 2, 5)), fresh.integer(6 + brief, 9)
        prompt[:, 0] = eos if inside else prompt[:, 0]
        model = close_call(fresh, V, low=eos, brief=brief)
        best, second = model.logits(prompt)[:, -1].topk(2).indices.T
        free = model.free(prompt, prompt.size(1) + new)[:, prompt.size(1) :]
        left = ((free[:, :-1] == pad) & (free[:, 1:] != pad)).any() and (free[:, -1] != pad).any()
        if (second < best).any() and left:
            return model, prompt, new, eos, pad


def ending(
    fresh: Any,
    rows: int,
    length: int,
    *,
    special: tuple[int, int] | None = None,
    pad_is_eos: bool = False,
    early: bool = True,
    inside: bool = False,
) -> tuple[Any, ...]:
    """A case in which all rows end, at different steps; `early` or just at the last step that they may have.

    With eos `inside` the first two prompts, these rows go on with another token, and not with pad. Behind its eos a row
    would go on with something else than pads.
    """
    while True:
        V = fresh.integer(4, 6)
        eos, pad = special or fresh.python.sample(range(1, V), 2)
        model, prompt = machine(fresh, V), fresh.integers(0, V - 1, rows, length)
        if inside:
            prompt[0, -1] = prompt[1, 0] = prompt[1, 1] = eos
        free = model.free(prompt, length + 12)
        new, first = free[:, length:] == eos, free[:2, length]
        ends, fills = new.int().argmax(1) + 1, eos if pad_is_eos else pad
        last = int(ends.max())
        goes_on = (behind_eos(free, prompt, eos) & (free != fills))[:, : length + last].any() or rows == 1
        if new.any(1).all() and last > 1 and goes_on and not (inside and ((first == eos) | (first == pad)).any()):
            return model, prompt, last + (fresh.integer(3, 6) if early else 0), eos, fills


def with_pad_inside(fresh: Any) -> tuple[Any, ...]:
    """A model that writes pad before its end."""
    while True:
        model, prompt, new, eos, pad = ending(fresh, 4, 2)
        free = model.free(prompt, 2 + new)
        inside = (free == pad) & running(free, prompt, eos)
        if inside[:, 2:-1].any():
            return model, prompt, new, eos, pad


def with_pads_last(fresh: Any) -> tuple[Any, ...]:
    """It ends, before all rows have ended, with a column of pads."""
    model, prompt, new, eos, pad = with_pad_inside(fresh)
    free = model.free(prompt, 2 + new)
    inside = (free == pad) & running(free, prompt, eos)
    column = 2 + int(inside[:, 2:-1].any(0).nonzero()[0])
    rows = decoded(free, prompt, eos, pad)[:, column] == pad
    return model, prompt[rows], column - 1, eos, pad


def going_on(fresh: Any, rows: int, length: int) -> tuple[Any, ...]:
    """A recurrent model and five new tokens, pad not among the last ones."""
    prompt = fresh.integers(0, 6, rows, length)
    model = settled(fresh, cell(fresh), 7, prompt, length + 5)
    last = model.free(prompt, length + 5)[:, -1].tolist()
    pad = fresh.choice([token for token in range(1, 7) if token not in last])
    return model, prompt, 5, fresh.choice([token for token in range(1, 7) if token != pad]), pad


def long(fresh: Any) -> tuple[Any, ...]:
    """A long prompt and as many new tokens, of which the last column does not consist of pads."""
    while True:
        V = fresh.integer(6, 9)
        eos, pad = fresh.python.sample(range(1, V), 2)
        model, prompt = close_call(fresh, V, low=eos), fresh.integers(0, V - 1, 3, LONG)  # a model may end in pads
        if (decoded(model.free(prompt, 2 * LONG), prompt, eos, pad)[:, -1] != pad).any():
            return model, prompt, LONG, eos, pad


def at_once(fresh: Any) -> tuple[Any, ...]:
    """Every row writes eos at the first step."""
    V = fresh.integer(5, 8)
    eos, pad = fresh.python.sample(range(1, V), 2)
    table = fresh.normal(53, V)
    table[:, eos] += 20
    model = Sketch("machine", [53, V, 3, 2, fresh.integer(1, 50), False], {"table": clear(table)})
    return model, fresh.integers(0, V - 1, 3, 4), 6, eos, pad
