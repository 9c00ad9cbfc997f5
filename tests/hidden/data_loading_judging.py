"""How answers about data_loading are judged, many in one request."""

from typing import Any

import torch
from hidden.data_loading_batches import another_one, same_batch, untouched
from hidden.data_loading_errors import REBUILT, STACKED, TRUTH, UNKNOWN
from hidden.data_loading_nested import batches, right_batch
from hidden.data_loading_orders import buckets_of, leaves_alone, python_ints
from hidden.data_loading_samples import holds, told
from hidden.data_loading_texts import SPECIALS, ids_of, same_ids, same_vocabulary

from grader.judge import expect, knowing, sequence, tensor
from grader.verdicts import Failed


def vocabularies_are_right(student: Any, calls: list[Any]) -> None:
    """Judge the vocabularies of (texts, form, options); the texts stay as they are."""
    for (texts, _, options), reply in zip(calls, student.probe("vocabularies", calls), strict=True):
        vocab, after, kinds = sequence(reply, 3)
        same_vocabulary(vocab, texts, options.get("max_size"), options.get("specials", SPECIALS))
        python_ints(kinds, "the ids")
        kept = sequence(after, 2) == [texts, options]
        expect(kept, "the texts or the specials are others afterwards", "the arguments are written to")


def ids_are_right(student: Any, calls: list[Any]) -> None:
    """Judge the ids of (text, vocabulary); the vocabulary stays as it is."""
    with knowing(UNKNOWN):
        replies = student.probe("encoded", calls)
    for number, ((text, vocab), reply) in enumerate(zip(calls, replies, strict=True)):
        ids, after, kinds = sequence(reply, 3)
        same_ids(ids, text, vocab, [earlier for _, earlier in calls[:number]])
        python_ints(kinds, "the ids")
        expect(after == vocab, "the vocabulary is another afterwards", "the vocabulary is written to")


def samples_are_right(
    student: Any, texts: Any, labels: Any, vocab: dict[str, int], table: Any, rounds: int = 3, earlier: Any = None
) -> None:
    """Judge the samples of a dataset; what it is given stays as it is. `earlier` is the vocabulary of another one."""
    seen = student.probe("dataset", texts, labels, vocab, table, rounds)
    expect(seen["dataset"], "TextDataset is not a torch.utils.data.Dataset", "not a Dataset")
    told_length = f"len() of the dataset is {seen['length']}, which is not the number of texts"
    expect(seen["length"] == len(texts), told_length, "texts are left out, or counted in another way")
    for one in seen["rounds"]:
        stale = [ids_of(text, earlier) for text in texts] if earlier else None
        holds([one[index] for index in range(len(texts))], labels, told(texts, seen["own"], vocab), stale)
    python_ints(seen["kinds"], "the labels")
    given = zip(("texts", "labels", "vocab"), sequence(seen["after"], 3), (texts, labels, vocab), strict=True)
    for name, after, before in given:
        expect(after == before, f"{name} holds something else afterwards", f"the {name} that were given are written to")


def batches_are_right(student: Any, calls: list[Any]) -> None:
    with knowing(STACKED):
        replies = student.probe("collated", calls)
    for (samples, pad_id, _), reply in zip(calls, replies, strict=True):
        batch, after = sequence(reply, 2)
        try:
            same_batch(batch, samples, pad_id)
        except Failed as failed:
            raise Failed(failed.message, failed.diagnosis or another_one(batch, samples, pad_id, calls)) from None
        untouched(after, samples)


def bucketed(student: Any, calls: list[Any]) -> list[list[list[int]]]:
    """The buckets of (args, options, global seed), all judged; the lengths stay as they are."""
    with knowing(TRUTH):
        replies = student.probe("bucketed", calls)
    results = []
    for (args, options, _), reply in zip(calls, replies, strict=True):
        given, batch_size = args[:2] or (options["lengths"], options["batch_size"])
        lengths = given.tolist() if isinstance(given, torch.Tensor) else given
        buckets, after, moved, kinds = sequence(reply, 4)
        results.append(buckets_of(buckets, lengths, batch_size))
        python_ints(kinds, "the indices")
        kept = after == lengths if isinstance(given, list) else tensor(after).data.tolist() == lengths
        expect(kept, "the lengths are others afterwards", "the lengths that were given are sorted or written to")
        leaves_alone(moved, "length_buckets")
    return results


def moves(student: Any, calls: list[Any], device: str) -> list[Any]:
    """Judge batches that were moved: (description, target, whether by name)."""
    with knowing(REBUILT):
        replies = sequence(student.probe("moved_batches", calls, device), len(calls))
    for seen, (spec, target, _) in zip(replies, calls, strict=True):
        right_batch(seen, spec, device, str(target))
    return replies


def both_ways(fresh: Any, device: str, *others: str) -> list[tuple[Any, Any]]:
    """Batches for the device, of which some tensors are there; and batches of the CPU that stay on it."""
    mixed, plain_ones = batches(fresh, ("here", "there", *others)), batches(fresh, ("here", *others))
    return [(spec, torch.device(device)) for spec in mixed] + [(spec, "cpu") for spec in plain_ones]
