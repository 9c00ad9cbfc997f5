"""Orders: what a loader delivered, and whether something is shuffled, by its seed and by nothing else."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import torch
from hidden.data_loading_batches import FORMS, Sample, alike, batch_of, same_batch, samples_of
from probes.data_loading import OWN_PAD

from grader.confined.values import Seen
from grader.judge import described, expect, integer, sequence, tensor
from grader.verdicts import Broke, Failed, TimedOut

GLOBAL = "the global random numbers are used, where a generator of one's own is meant"
OF_DATASET = "filled up with the padding of the dataset's own vocabulary, where pad_id is meant"
ELSEWHERE = "the order comes from something of the process, not from the seed alone"


def content_of(samples: Sequence[Sample]) -> tuple[list[list[int]], list[int]]:
    """A dataset's content as probes take it."""
    return [row.tolist() for row, _ in samples], [label for _, label in samples]


def some_samples(fresh: Any, count: int, pad_id: int) -> list[Sample]:
    return samples_of(fresh, [fresh.integer(1, 5) for _ in range(count)], pad_id)


def either_way(student: Any, judgement: Callable[[Any], None], stand_in: Any) -> None:
    """Judge a task with the student's own helper and, where that fails, with a stand-in in the helper's place.

    So a mistake in the helper is charged to its own task alone.
    """
    try:
        judgement(None)
    except (Failed, Broke, TimedOut) as own:
        student.restart()
        try:
            judgement(stand_in)
        except (Failed, Broke) as other:
            raise (other if isinstance(other, Failed) and not isinstance(own, Failed) else own) from None


# Loaders


def positions(batch: Any, samples: Sequence[Sample], pad_id: int, what: str) -> list[int]:
    """Which samples a batch holds, told by their labels; the whole batch is judged."""
    places = {label: index for index, (_, label) in enumerate(samples)}
    if isinstance(batch, dict) and set(batch) == {"samples", "pad_id"}:
        return _given(batch, samples, pad_id, places, what)
    expect(isinstance(batch, dict), f"{what} is {described(batch)}, not a dict", "the batches are not collate's")
    expect("labels" in batch, f"{what} has no key labels", "the batches are not collate's")
    labels = tensor(batch["labels"], f"labels of {what}").data
    expect(labels.dim() == 1, f"labels of {what} have {labels.dim()} dims")
    found = [places.get(label, -1) for label in labels.tolist()]
    expect(-1 not in found, f"{what} holds labels that are not in the dataset")
    expect(bool(found), f"{what} is empty", "an empty batch")
    expect(all(key in batch for key in FORMS), f"{what} lacks keys", "the batches are not collate's")
    chosen = [samples[index] for index in found]
    try:
        same_batch(batch, chosen, pad_id, what)
    except Failed as failed:
        zero = "filled up with 0, where pad_id is meant"
        handed = "pad_id is not handed on to collate" if failed.diagnosis == zero else failed.diagnosis
        ids, own = batch["input_ids"], batch_of(chosen, OWN_PAD)["input_ids"]
        raise Failed(failed.message, OF_DATASET if isinstance(ids, Seen) and alike(ids.data, own) else handed) from None
    return found


def _given(batch: Any, samples: Sequence[Sample], pad_id: int, places: Mapping[int, int], what: str) -> list[int]:
    """The same for what the stand-in of `collate` was given."""
    given = sequence(batch["samples"])
    single = "single samples are handed to collate, where lists of samples are meant"
    expect(not any(isinstance(pair, Seen) for pair in given), f"{what} is not made of samples", single)
    pairs = [sequence(pair, 2, "a sample") for pair in given]
    found = [places.get(label, -1) if isinstance(label, int) else -1 for _, label in pairs]
    sound = -1 not in found and all(
        torch.equal(tensor(row).data, samples[index][0]) for (row, _), index in zip(pairs, found, strict=True)
    )
    expect(sound and bool(found), f"{what} is not made of the dataset's samples")
    handed = OF_DATASET if batch["pad_id"] == OWN_PAD else "pad_id is not handed on to collate"
    expect(batch["pad_id"] == pad_id, f"{what} was collated with another pad_id", handed)
    return found


def pass_of(batches: Any, samples: Sequence[Sample], batch_size: int, pad_id: int) -> list[int]:
    """The order of one pass in which every sample comes once, in batches of the right size."""
    found = [positions(batch, samples, pad_id, f"batch {k}") for k, batch in enumerate(sequence(batches))]
    order, sizes = [index for batch in found for index in batch], [len(batch) for batch in found]
    count, full = len(samples), len(samples) // batch_size
    if len(order) < count and sizes == [batch_size] * full:
        raise Failed("a pass does not hold every sample", "the last, short batch is dropped")
    expect(sorted(order) == list(range(count)), "a pass does not hold every sample once", _twice(order))
    wanted = [batch_size] * full + [count % batch_size] * (count % batch_size > 0)
    places = "whole batches change places: the short one is not the last"
    expect(sizes == wanted or sorted(sizes) != sorted(wanted), "a batch before the last is short", places)
    expect(sizes == wanted, "the batches have other sizes than batch_size", "batch_size is not heeded")
    return order


def _twice(order: Sequence[int]) -> str:
    repeated = len(set(order)) < len(order)
    return "samples are drawn with replacement, or come twice" if repeated else "some samples are missing"


def is_loader(seen: Mapping[str, Any], workers: int = 0) -> None:
    """What can be seen of a loader itself."""
    expect(seen["loader"], "the result is not a torch.utils.data.DataLoader", "another form than a DataLoader")
    told = f"num_workers of the loader is {seen['num_workers']!r}"
    expect(seen["num_workers"] == workers, told, "num_workers is not handed on, or its default is another")
    racing = "in_order is off: which batch comes first depends on the workers' race"
    expect(workers == 0 or seen["in_order"] is True, "batches may come in another order with workers", racing)


def leaves_alone(moved: Sequence[str], what: str) -> None:
    names = ", ".join(sorted(set(map(str, moved))))
    expect(not moved, f"{what} uses or sets the global random numbers of {names}", GLOBAL)


def orders_of(student: Any, samples: Any, calls: list[Any], seeds: list[int], replace: bool) -> list[list[list[int]]]:
    """The orders of two passes of each loader."""
    seen = student.probe("delivered", content_of(samples), calls, 2, seeds, replace)
    orders = []
    for (args, _, workers), one in zip(calls, seen, strict=True):
        is_loader(one, workers)
        orders.append([pass_of(batches_, samples, args[0], args[1]) for batches_ in sequence(one["passes"])])
        leaves_alone(one["moved"], "make_loader")
    return orders


def agree(student: Any, samples: Any, calls: list[Any], fresh: Any, replace: bool, otherwise: str) -> list[Any]:
    """Loaders that agree pass by pass, though the global seeds differ."""
    seeds = [fresh.integer(0, 2**31) for _ in range(7)]
    orders = orders_of(student, samples, calls, seeds, replace)
    if any(other != orders[0] for other in orders[1:]):
        first = all(other[0] == orders[0][0] for other in orders[1:])
        same = "fresh loaders of one seed agree in their first pass only" if first else otherwise
        raise Failed("two fresh loaders of one seed give different orders", same)
    return orders[0]


# Shuffling


def shuffled(order: Sequence[int], what: str, runs: str = "neighbors stay neighbors") -> None:
    """An order of 0 … n-1, n > 25: of a random one about two neighbors differ by 1, and never half of them do.

    About one differs by any other step, counted modulo n; half of them do for one of the steps once in 1e11 times.
    """
    if list(order) == sorted(order):
        raise Failed(f"{what} is not shuffled", "not shuffled at all")
    beside = sum(abs(a - b) == 1 for a, b in pairwise(order))
    expect(2 * beside < len(order), f"{what} is hardly shuffled", f"hardly shuffled: {runs}")
    ((_, most),) = Counter((b - a) % len(order) for a, b in pairwise(order)).most_common(1)
    expect(2 * most < len(order), f"{what} is hardly shuffled", "hardly shuffled: one step leads from each to the next")


def wholly_shuffled(orders: Sequence[Sequence[int]], last: int) -> None:
    """Eight first passes over 31 samples, the last batch of which holds `last`; by chance one fails in 1e9 times.

    By Chernoff's bound a right shuffle has a mean distance of neighbors below 7.9 (10.7 are usual) once in 2e9 times,
    a correlation of samples and places above 0.43 once in 1e10 times, and one and the same last batch in 3e10 times.
    """
    count, blocks = len(orders[0]), "hardly shuffled: neighbors stay near each other"
    steps = [abs(a - b) for order in orders for a, b in pairwise(order)]
    expect(sum(steps) / len(steps) > 7.9, "samples that are neighbors stay near each other", blocks)
    middle, spread = (count - 1) / 2, len(orders) * (count**3 - count) / 12
    together = sum((place - middle) * (index - middle) for order in orders for place, index in enumerate(order))
    near = "hardly shuffled: every sample stays near its place, as in a buffer"
    expect(together / spread < 0.43, "early samples come early, and late ones late", near)
    ends = {frozenset(order[-last:]) for order in orders}
    stuck = "the last samples always come last"
    expect(len(ends) > 1, "the last batch holds the same samples whatever the seed", stuck)


def ends_anywhere(ranks: Sequence[Sequence[int]]) -> None:
    """Neither the longest nor the shortest batch always has one place: one of 31 and more for each of eight seeds."""
    for rank, name in ((0, "shortest"), (len(ranks[0]) - 1, "longest")):
        fixed = f"the batch of the {name} samples does not change places with the others"
        places = {order.index(rank) for order in ranks}
        expect(len(places) > 1, f"the batch of the {name} samples comes at one place whatever the seed", fixed)


def short_anywhere(results: Sequence[list[list[int]]], batch_size: int) -> None:
    """The place of the short batch is not always one; of 31 and more places, for eight seeds, that is no accident."""
    places = {[len(bucket) < batch_size for bucket in buckets].index(True) for buckets in results}
    fixed = "the short batch does not change places with the others"
    expect(len(places) > 1, "the short batch comes at one place whatever the seed", fixed)


def differ(orders: Sequence[Sequence[int]], what: str) -> None:
    """Orders of different seeds are different."""
    different = len({tuple(order) for order in orders}) == len(orders)
    expect(different, f"{what} is the same for different seeds", "the seed is ignored, or only partly used")


# Buckets


def buckets_of(value: Any, lengths: Sequence[int], batch_size: int) -> list[list[int]]:
    """Judge buckets, and give them as lists of ints."""
    if not isinstance(value, (list, tuple)):
        raise Failed(f"the result is {described(value)}, not a list of lists", "another form than a list of lists")
    buckets = [_indices(bucket) for bucket in value]
    flat = [index for bucket in buckets for index in bucket]
    once = sorted(flat) == list(range(len(lengths)))
    expect(once, "the batches do not hold every index once", None if once else _why_not_once(flat, lengths, batch_size))
    expect(all(buckets), "a batch is empty", "an empty batch")
    _sizes([len(bucket) for bucket in buckets], batch_size)
    ranges = sorted((min(found), max(found)) for found in ([lengths[i] for i in bucket] for bucket in buckets))
    apart = all(longest <= shortest for (_, longest), (shortest, _) in pairwise(ranges))
    expect(apart, "the ranges of length of two batches overlap", "the samples are not sorted by length before batching")
    return buckets


def _indices(bucket: Any) -> list[int]:
    if not isinstance(bucket, (list, tuple)):
        raise Failed(f"a batch is {described(bucket)}, not a list of indices", "tensors, where lists of ints are meant")
    for index in bucket:
        if not isinstance(index, int) and described(index).startswith("a tensor"):
            raise Failed("the indices are tensors, not ints", "tensors, where ints are meant")
    return [integer(index, "an index") for index in bucket]


def python_ints(kinds: Sequence[str], what: str) -> None:
    """No number is of another type, such as NumPy's."""
    others = sorted({str(kind) for kind in kinds} - {"int"})
    told = f"{what} are of type {', '.join(others)}, not int"
    expect(not others, told, "NumPy's integers, where Python's are meant" if "int64" in others else None)


def _why_not_once(flat: Sequence[int], lengths: Sequence[int], batch_size: int) -> str | None:
    if sorted(flat) == sorted(lengths):
        return "the batches hold lengths, not indices"
    if len(set(flat)) < len(flat):
        return "an index stands in several batches"
    short = len(lengths) - len(flat)
    if short == len(lengths) % batch_size:
        return "the short batch is dropped"
    return "some indices are missing" if short > 0 else "indices that do not exist"


def _sizes(sizes: Sequence[int], batch_size: int) -> None:
    expect(
        max(sizes, default=0) <= batch_size, "a batch is larger than batch_size", "a batch is larger than batch_size"
    )
    short = sum(size < batch_size for size in sizes)
    expect(short <= 1, f"{short} batches are short", "several batches are short, where one at most may be")


def forms_of(lengths: list[int]) -> list[Any]:
    """The same lengths as a list and as tensors."""
    spread = torch.stack([torch.tensor(lengths, dtype=torch.long), torch.zeros(len(lengths), dtype=torch.long)], 1)
    return [lengths, torch.tensor(lengths, dtype=torch.long), spread[:, 0], torch.tensor(lengths, dtype=torch.int32)]


def ranked(buckets: list[list[int]], lengths: list[int]) -> list[int]:
    """The place of each batch in the order of lengths."""
    shortest = [min(lengths[index] for index in bucket) for bucket in buckets]
    places = {length: place for place, length in enumerate(sorted(shortest))}
    return [places[length] for length in shortest]
