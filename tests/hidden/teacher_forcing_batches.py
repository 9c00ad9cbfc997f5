"""Judging shifted labels and decoder batches, and what known mistakes make of them."""

from typing import Any

import torch
from hidden.teacher_forcing_decoding import ids_right
from torch import Tensor

from grader.judge import dtype, exactly, expect, on, sequence, tensor
from grader.student import Raised


def shift_mistakes(labels: Tensor, bos: int) -> dict[str, Tensor]:
    first = torch.full_like(labels[:, :1], bos)
    shifted = torch.cat([first, labels[:, :-1]], 1)
    begins = labels[:, :1] == bos
    return {
        **({"a row that begins with bos is not shifted": torch.where(begins, labels, shifted)} if begins.any() else {}),
        "no shift: the labels come back as they are": labels,
        "shifted to the left": torch.cat([labels[:, 1:], first], 1),
        "shifted twice": torch.cat([first, shifted[:, :-1]], 1),
        "bos replaces the first label: nothing is shifted": torch.cat([first, labels[:, 1:]], 1),
        "the last label is kept: one column too many": torch.cat([first, labels], 1),
        "rolled: the last label stands first, where bos is meant": labels.roll(1, 1),
        "rolled over the whole batch: a row begins with the last label of the row before": labels.flatten()
        .roll(1)
        .view_as(labels),
        "shifted along the batch": torch.cat([torch.full_like(labels[:1], bos), labels[:-1]]),
        "bos is missing: one column too few": labels[:, :-1],
    }


def shifts(student: Any, labels: Tensor, bos: int, **keywords: Any) -> None:
    args = () if keywords else (bos,)
    value, (after,) = student.call_and_inputs(labels, *args, **keywords)
    expect(torch.equal(tensor(after).data, labels), "the labels hold other values than before", "writes to its input")
    expected = torch.cat([torch.full_like(labels[:, :1], bos), labels[:, :-1]], 1)
    dtype(value, labels.dtype, near={"the dtype of the labels is lost": torch.int64})
    exactly(value, expected, near=shift_mistakes(labels, bos))


def padded(rows: list[list[int]], pad: int, width: int) -> Tensor:
    return torch.tensor([row + [pad] * (width - len(row)) for row in rows], dtype=torch.int64)


def batch_mistakes(tokens: list[list[int]], bos: int, eos: int, pad: int) -> tuple[dict[str, Tensor], ...]:
    """For inputs, and for labels."""
    longest = max(map(len, tokens))
    with_bos, with_eos = [[bos, *text] for text in tokens], [[*text, eos] for text in tokens]
    whole = [[bos, *text, eos] for text in tokens]
    inputs, labels = padded(with_bos, pad, longest + 1), padded(with_eos, pad, longest + 1)
    fed_eos = torch.cat([torch.full((len(tokens), 1), bos), labels[:, :-1]], 1)
    left = torch.tensor([[pad] * (longest - len(text)) + row for text, row in zip(tokens, with_bos, strict=True)])
    left_labels = torch.tensor(
        [[pad] * (longest - len(text)) + row for text, row in zip(tokens, with_eos, strict=True)]
    )
    ignored = torch.where(torch.arange(longest + 1) > torch.tensor([[len(text)] for text in tokens]), -100, labels)
    return (
        {
            "eos is fed in: inputs end before it": fed_eos,
            "eos is fed in, and the inputs are one column longer": padded(whole, pad, longest + 2),
            "bos is missing in the inputs": padded(tokens, pad, longest + 1),
            "the inputs are not shifted: they begin with the text": labels,
            "bos is missing, and the inputs are one column too short": padded(tokens, pad, longest),
            "padded on the left": left,
            "the inputs are padded with eos": padded(with_bos, eos, longest + 1),
            "the inputs are padded with bos": padded(with_bos, bos, longest + 1),
            "the inputs are padded with 0, not with pad_id": padded(with_bos, 0, longest + 1),
            "inputs and labels are swapped": labels,
        },
        {
            "eos is missing in the labels": padded(tokens, pad, longest + 1),
            "bos is to be written: the labels are not shifted": padded(whole, pad, longest + 2),
            "the labels begin with bos": inputs,
            "eos stands in the last column of all rows, behind the padding": torch.cat(
                [padded(tokens, pad, longest), torch.full((len(tokens), 1), eos)], 1
            ),
            "the labels are padded with eos": padded(with_eos, eos, longest + 1),
            "the labels are padded with 0, not with pad_id": padded(with_eos, 0, longest + 1),
            "the labels are padded with -100, not with pad_id": ignored,
            "eos is missing, and the labels are one column too short": padded(tokens, pad, longest),
            "the labels are shifted twice: the first token of each text is missing": padded(
                [[*text[1:], eos] for text in tokens], pad, longest + 1
            ),
            "padded on the left": left_labels,
            "a text that ends with eos gets no further one": padded(
                [text if text[-1:] == [eos] else [*text, eos] for text in tokens], pad, longest + 1
            ),
        },
    )


def makes(student: Any, tokens: list[list[int]], bos: int, eos: int, pad: int, by_name: bool = False) -> None:
    special = {"bos_id": bos, "eos_id": eos, "pad_id": pad}
    args, keywords = ([], special) if by_name else ([bos, eos, pad], {})
    outcome = student.outcome("made", tokens, *args, **keywords)
    if isinstance(outcome, Raised):
        broke = student.broken(outcome)
        if not all(tokens) and outcome.type != "NotImplementedError":
            raise type(broke)(broke.message, broke.diagnosis or "empty texts are not thought of")
        raise broke
    value, after = sequence(outcome, 2)
    expect(after == tokens, "the lists of tokens are changed", "writes to its input: the lists grow or shrink")
    width = max(map(len, tokens)) + 1
    near = batch_mistakes(tokens, bos, eos, pad)
    expected = padded([[bos, *t] for t in tokens], pad, width), padded([[*t, eos] for t in tokens], pad, width)
    for seen in sequence(value, 2):
        lacking = "a text has no row: empty texts are left out"
        expect(tensor(seen).shape[:1] == (len(tokens),), "there are not as many rows as texts", lacking)
    for seen, other, known, what in zip(value, expected, near, ("inputs", "labels"), strict=True):
        dtype(seen, torch.int64, what, {"floats, where ids are long": torch.float32, "int32": torch.int32})
        ids_right(on(seen, "cpu", what), other, lambda known=known: known, what)


def texts(fresh: Any, lengths: list[int], low: int = 10, high: int = 99) -> list[list[int]]:
    return [fresh.integers(low, high, length).tolist() for length in lengths]
