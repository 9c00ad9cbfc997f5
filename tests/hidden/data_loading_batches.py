"""Samples of different lengths, and what batches of them are, right and with known mistakes."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor

from grader.confined.values import Seen
from grader.judge import described, expect, sequence, shape, tensor
from grader.verdicts import Failed

Sample = tuple[Tensor, int]
Near = Mapping[str, Callable[[], Tensor]]
LEAST, MOST = torch.iinfo(torch.long).min, torch.iinfo(torch.long).max
MARKS = (-1, -2, -100, -999, LEAST, MOST)

FORMS = {
    "input_ids": torch.long,
    "attention_mask": torch.bool,
    "lengths": torch.long,
    "labels": torch.long,
}


def samples_of(fresh: Any, lengths: Sequence[int], pad_id: int) -> list[Sample]:
    """Rows of these lengths; ids equal to pad_id and to 0 stand among the others, at the ends, too."""
    labels = fresh.python.sample(range(-50, 10_000), len(lengths))
    rows = [[fresh.choice((pad_id, 0, fresh.integer(1, 5000))) for _ in range(length)] for length in lengths]
    for row in rows[::2]:
        row[-1:] = [pad_id] * min(1, len(row))
    return [(torch.tensor(row, dtype=torch.long), label) for row, label in zip(rows, labels, strict=True)]


def batch_of(samples: Sequence[Sample], pad_id: int) -> dict[str, Tensor]:
    """The right batch."""
    lengths = [len(row) for row, _ in samples]
    longest = max(lengths)
    rows = [[*row.tolist(), *[pad_id] * (longest - len(row))] for row, _ in samples]
    mask = [[column < length for column in range(longest)] for length in lengths]
    return {
        "input_ids": torch.tensor(rows, dtype=torch.long).reshape(len(rows), longest),
        "attention_mask": torch.tensor(mask, dtype=torch.bool).reshape(len(rows), longest),
        "lengths": torch.tensor(lengths),
        "labels": torch.tensor([label for _, label in samples]),
    }


def mistaken(samples: Sequence[Sample], pad_id: int) -> dict[str, Near]:
    """Key to sentence to the tensor that this mistake gives."""
    right = batch_of(samples, pad_id)
    ids, mask, lengths = right["input_ids"], right["attention_mask"], right["lengths"]
    zeros = batch_of(samples, 0)["input_ids"]
    turned = "time comes before batch: pad_sequence needs batch_first=True"

    def left() -> Tensor:
        gaps = [ids.size(1) - int(length) for length in lengths]
        return torch.stack([row.roll(gap) for row, gap in zip(ids, gaps, strict=True)])

    def cut() -> Tensor:
        return ids[:, : int(lengths.min())]

    return {
        "input_ids": {
            turned: lambda: ids.T,
            "filled up with 0, where pad_id is meant": lambda: zeros,
            "filled up in front, where the end is meant": left,
            "cut to the shortest": cut,
            "one column too many": lambda: torch.cat([ids, torch.full((len(ids), 1), pad_id)], 1),
            "ids go through float32, which does not hold large ones": lambda: ids.float().long(),
            "ids go through float64, which does not hold large ones": lambda: ids.double().long(),
            **{f"a real id of {mark} is taken for padding": partial(_hidden, ids, mark, pad_id) for mark in MARKS},
            "pad_id goes through float32, which does not hold large ones": lambda: batch_of(
                samples, int(torch.tensor(pad_id).float())
            )["input_ids"],
            "the rows are sorted by length": lambda: ids[lengths.argsort(descending=True, stable=True)],
            "zeros everywhere: no ids are copied": lambda: torch.zeros_like(ids),
        },
        "attention_mask": {
            turned: lambda: mask.T,
            "the mask comes from the ids: a real id that is equal to pad_id is hidden": lambda: ids != pad_id,
            "the mask comes from the ids: what is 0 is hidden": lambda: ids != 0,
            "the mask comes from the ids of a batch that was filled up with 0": lambda: zeros != 0,
            "lengths count the ids that differ from pad_id": lambda: (
                torch.arange(ids.size(1)) < (ids != pad_id).sum(1)[:, None]
            ),
            "lengths count the ids that differ from 0": lambda: torch.arange(ids.size(1)) < (ids != 0).sum(1)[:, None],
            **{f"the mask comes from the ids: what is {mark} is hidden": partial(ids.ne, mark) for mark in MARKS},
            "the mask is turned over: True where it is filled up": lambda: ~mask,
            "the mask is True everywhere": lambda: torch.ones_like(mask),
            "a row without ids keeps one True": lambda: (
                mask | ((lengths == 0)[:, None] & (torch.arange(ids.size(1)) == 0))
            ),
            "the mask reaches one too far": lambda: torch.arange(ids.size(1)) <= lengths[:, None],
            "the mask ends one too early": lambda: torch.arange(ids.size(1)) < lengths[:, None] - 1,
            "the mask belongs to a batch that is filled up in front": lambda: mask.flip(1),
        },
        "lengths": {
            "lengths are taken after filling up": lambda: torch.full_like(lengths, ids.size(1)),
            "lengths count the ids that differ from pad_id": lambda: (ids != pad_id).sum(1),
            "lengths count the ids that differ from 0": lambda: (ids != 0).sum(1),
            "lengths count what was filled up": lambda: ids.size(1) - lengths,
            "lengths are sorted": lambda: lengths.sort(descending=True).values,
            "lengths are one off": lambda: lengths - 1,
        },
        "labels": {
            "labels go through floats, which do not hold large ones": lambda: right["labels"].double().long(),
            "labels are filled up like ids": lambda: torch.cat(
                [right["labels"], torch.full((max(0, ids.size(1) - len(ids)),), pad_id)]
            ),
            "negative labels become -100": lambda: right["labels"].where(right["labels"] >= 0, -100),
            "labels are the positions in the batch": lambda: torch.arange(len(ids)),
            "labels stand in a column": lambda: right["labels"][:, None],
        },
    }


def _hidden(ids: Tensor, mark: int, pad_id: int) -> Tensor:
    return ids.masked_fill(ids == mark, pad_id)


def same_batch(value: Any, samples: Sequence[Sample], pad_id: int, what: str = "the batch") -> None:
    """Judge a batch."""
    if not isinstance(value, dict):
        raise Failed(f"{what} is {described(value)}, not a dict", "another form than a dict")
    missing = [key for key in FORMS if key not in value]
    expect(not missing, f"{what} lacks the keys {', '.join(missing)}", "keys are missing, or have other names")
    right = batch_of(samples, pad_id)
    for key, kind in FORMS.items():
        near = partial(_near, samples, pad_id, key)
        _same(value[key], right[key], kind, near, f"{key} of {what}")


def another_one(value: Any, samples: Sequence[Sample], pad_id: int, calls: Sequence[Any]) -> str | None:
    """The diagnosis of a batch whose ids are right for another call, and not for its own."""
    ids = value.get("input_ids") if isinstance(value, dict) else None
    if isinstance(ids, Seen) and alike(ids.data, batch_of(samples, pad_id)["input_ids"]):
        return None
    others = (batch_of(other, pad)["input_ids"] for other, pad, _ in calls)
    shared = isinstance(ids, Seen) and any(alike(ids.data, other) for other in others)
    return "a batch holds the ids of another one: calls share a buffer or a cache" if shared else None


def _near(samples: Sequence[Sample], pad_id: int, key: str) -> Near:
    return mistaken(samples, pad_id)[key]


def _same(value: Any, right: Tensor, kind: torch.dtype, near: Callable[[], Near], what: str) -> None:
    if isinstance(value, (list, tuple)):
        raise Failed(f"{what} is {described(value)}, not a tensor", "a list, where a tensor is promised")
    seen = tensor(value, what)
    elsewhere = "the batch is moved to a device, which a worker process must not do"
    expect(seen.device == "cpu", f"{what} is on {seen.device}, and the samples are not", elsewhere)
    if alike(seen.data, right):
        expect(seen.dtype == kind, f"{what} has dtype {seen.dtype}", _kind_of(seen.dtype, kind))
        return
    sentence = next((sentence for sentence, other in near().items() if alike(seen.data, other())), None)
    squeezed = [n for n in right.shape if n != 1] == [n for n in seen.shape if n != 1]
    longer = right.dim() == 2 and seen.shape[:1] == right.shape[:1] and seen.data.numel() > right.numel()
    sentence = sentence or ("the batch is longer than its longest row" if longer and not squeezed else None)
    shorter = right.dim() == seen.data.dim() == 2 and alike(seen.data, right[:, : seen.data.size(-1)])
    sentence = sentence or ("long rows are cut off" if shorter else None)
    sentence = sentence or ("a dim of size 1 is dropped or added" if squeezed and seen.shape != right.shape else None)
    shape(seen, tuple(right.shape), what, {sentence: seen.shape} if sentence else None)
    raise Failed(f"{what} has wrong values", sentence)


def _kind_of(seen: torch.dtype, kind: torch.dtype) -> str:
    wanted = "True and False" if kind == torch.bool else "long integers"
    return f"{str(seen).removeprefix('torch.')}, where {wanted} are promised"


def alike(seen: Tensor, other: Tensor) -> bool:
    """Equal numbers of whatever dtype; whole ones to the last digit."""
    same = seen.shape == other.shape and torch.equal(seen.double(), other.double())
    return same and (seen.is_floating_point() or torch.equal(seen.long(), other.long()))


def untouched(after: Any, samples: Sequence[Sample]) -> None:
    """The rows hold what they held."""
    rows = sequence(after)
    expect(len(rows) == len(samples), "the list of samples has another length afterwards", "the samples are written to")
    for row, (before, _) in zip(rows, samples, strict=True):
        kept = torch.equal(tensor(row).data, before)
        expect(kept, "the ids of a sample hold other values afterwards", "the samples are written to")
