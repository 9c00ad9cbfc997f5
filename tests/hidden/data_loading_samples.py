"""Texts that can't be confused, and judgements about the samples that a TextDataset makes of them."""

from collections.abc import Mapping
from typing import Any

import torch
from hidden.data_loading_texts import FOREIGN, SPECIALS, dressed, ids_of, plain, plausible

from grader.confined.values import Seen
from grader.judge import described, expect, integer, sequence, tensor
from grader.verdicts import Failed

BLANK = ["", " \t"]


def different_texts(fresh: Any, number: int) -> list[str]:
    """Texts of different lengths without a word in common, of which a half is known to most vocabularies."""
    words = sorted({plain(word)[0] for text in fresh.sentences(30) for word in text.split()})
    fresh.python.shuffle(words)
    sizes = fresh.python.sample(range(1, number + 3), number)
    return [dressed(fresh, [words.pop() for _ in range(size)]) for size in sizes]


def some_labels(fresh: Any, number: int) -> list[int]:
    """0, 1, a negative one, some that no float holds, and others, as far as the number goes; all are different."""
    first = fresh.python.sample([0, 1, -fresh.integer(1, 9)], 3)
    large = [sign * (2**53 + 2 * fresh.integer(0, 99) + 1) for sign in (1, -1)]
    labels = [*first, *large, *fresh.python.sample(range(2, 300), number)][:number]
    fresh.python.shuffle(labels)
    return labels


def told(texts: list[str], own: Any, vocab: dict[str, int]) -> list[list[list[int]]]:
    """Ids that a dataset may hold: the right ones, or those that the student's own `encode` tells."""
    right = [ids_of(text, vocab) for text in texts]
    return [right, own] if plausible(own, texts) else [right]


def spelled(fresh: Any) -> str:
    """A text that spells out each special, <pad> also at its beginning and end."""
    return " ".join(["<pad>", *fresh.python.sample([*SPECIALS, "<pad>"], 5), "<PAD>"])


def long_text(fresh: Any) -> str:
    """A text of more tokens than many models take."""
    return " ".join(fresh.choice(FOREIGN) for _ in range(fresh.integer(590, 610)))


def holds(samples: list[Any], labels: list[int], allowed: list[list[list[int]]], stale: Any = None) -> None:
    """Judge the samples of a dataset; with an earlier vocabulary their ids would be `stale`."""
    expect(not any(isinstance(one, dict) for one in samples), "a sample is a dict", "a dict, where a pair is promised")
    pairs = [sequence(sample, 2, "a sample") for sample in samples]
    found = [_ids(ids) for ids, _ in pairs]
    for (_, own), label in zip(pairs, labels, strict=True):
        expect(not isinstance(own, Seen), "a label is a tensor, not an int", "labels are tensors, not ints")
        expect(not isinstance(own, float), "a label is a float, not an int", "labels are floats, not ints")
        expect(not isinstance(own, bool), "a label is True or False, not an int", "labels are bools, not ints")
        told = f"a sample has the label {own}, which is not the one that was given for it"
        expect(integer(own, "a label") == label, told, _why_label(own, label, labels))
    if found not in allowed:
        shared = "another dataset's ids come back: what a dataset keeps is shared by all of them"
        why = shared if found == stale else _why(found, allowed[0])
        raise Failed("the ids of a sample are not those that encode gives", why)


def _why_label(own: int, label: int, labels: list[int]) -> str:
    if own in (int(float(label)), int(torch.tensor(label, dtype=torch.float32))):
        return "labels go through floats, which do not hold large ones"
    if label < 0 and (own not in labels or own in (0, -label)):
        return "negative labels become others"
    return "labels are mixed up" if own in labels else "labels become others"


def _ids(value: Any) -> list[int]:
    expect(not isinstance(value, int), "the ids of a sample are an int, not a tensor", "ids and label are swapped")
    if isinstance(value, (list, tuple)):
        raise Failed(f"the ids of a sample are {described(value)}, not a tensor", "a list, where a tensor is promised")
    seen = tensor(value, "the ids of a sample")
    expect(len(seen.shape) == 1, f"the ids of a sample have shape {seen.shape}", "the ids have another dim than one")
    expect(seen.dtype == torch.long, f"the ids of a sample have dtype {seen.dtype}", "the ids are not long integers")
    ids: list[int] = seen.data.tolist()
    return ids


def _why(found: list[list[int]], right: list[list[int]]) -> str:
    if found == [ids[1:-1] for ids in right]:
        return "<bos> and <eos> are missing"
    if any(found == [[n for n in ids if n != some] for ids in right] for some in {n for ids in right for n in ids}):
        return "an id is left out wherever it stands, such as that of a <pad> that a text spells out"
    if len({len(ids) for ids in found}) < len({len(ids) for ids in right}):
        return "the samples are filled up or cut to one length, which is collate's work"
    longest = max(map(len, found))
    if found == [ids[:longest] for ids in right]:
        return "long texts are cut off"
    return "the samples are in another order" if sorted(found) == sorted(right) else "the ids are not encode's"


def table_of(fresh: Any, texts: list[str], vocab: Mapping[str, int]) -> dict[str, list[int]]:
    """Ids drawn for each text, no fewer than its tokens, for the stand-in of `encode`; <pad>, <unk> and 0 are there."""
    some = [vocab["<pad>"], vocab["<unk>"], 0]
    table = {}
    for number, text in enumerate(texts):
        first, *others, last = fresh.integers(100, 199, number + len(plain(text)) + 2).tolist()
        table[text] = [first, *fresh.python.sample(some, 3 * (number > 0)), *others, last]
    return table
