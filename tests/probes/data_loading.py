"""Observations of data_loading: vocabularies, samples, batches, the orders in which loaders deliver, nested moves.

Where one task may build on another (a dataset on `encode`, a loader on `collate`), a stand-in can take the other's
place in the student's module, so that a mistake in it shows in its own checks only.
"""

import itertools
import pickle
import random
import types
import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from probes.data_loading_nested import nest, portrait, told
from torch import Tensor
from torch.utils.data import DataLoader, Dataset
from torch.utils.data.dataloader import _BaseDataLoaderIter, _DatasetKind

from grader import accelerator
from grader.confined.probing import task

_equal, _tensor = torch.equal, torch.tensor
_isinstance, _type, _len, _iter, _zip, _islice = isinstance, type, len, iter, zip, itertools.islice
_dumps, _loads, _Dataset, _DataLoader = pickle.dumps, pickle.loads, Dataset, DataLoader
_Iterator, _reset, _trace = _BaseDataLoaderIter, _BaseDataLoaderIter._reset, accelerator.trace
_fetcher = _DatasetKind.create_fetcher
_torch_state, _torch_seed, _Generator = torch.get_rng_state, torch.default_generator.manual_seed, torch.Generator
_python_state, _python_seed = random.getstate, random.seed
_numpy_state, _numpy_seed = np.random.get_state, np.random.seed
_empty, _random, _int64 = torch.empty, Tensor.random_, torch.int64
_values = dict.values


# Vocabularies, ids, samples


def vocabularies(module: types.ModuleType, calls: list[tuple[list[str], str, dict[str, Any]]]) -> list[Any]:
    """(vocabulary, [texts, options] afterwards, types of the ids) for each call.

    Texts are handed over as list, tuple or generator; all lists are one list, with other content each time.
    """
    build = task(module, "build_vocab")
    results, one = [], []
    for texts, form, options in calls:
        one[:] = texts
        given = {"list": one, "tuple": tuple(texts), "generator": (text for text in texts)}[form]
        vocab = build(given, **options)
        numbers = _values(vocab) if _isinstance(vocab, dict) else ()
        results.append((vocab, [[*one], options], _kinds(numbers)))
    return results


def _kinds(numbers: Any) -> list[str]:
    """The types of what are taken for numbers: on the way to the judge NumPy's become Python's."""
    return sorted({_type(number).__name__ for number in numbers})


def encoded(module: types.ModuleType, calls: list[tuple[str, dict[str, int]]]) -> list[Any]:
    """(ids, vocabulary afterwards, types of the ids) for each call.

    All vocabularies are one dict, with other content each time.
    """
    encode, results, one = task(module, "encode"), [], {}
    for text, vocab in calls:
        ids = encode(text, _refilled(one, vocab))
        results.append((ids, {**one}, _kinds(ids) if _isinstance(ids, list) else []))
    return results


def _refilled(one: dict[str, int], vocab: dict[str, int]) -> dict[str, int]:
    one.clear()
    one.update(vocab)
    return one


class Table:
    """Stands in for `encode`: ids that were drawn for each text, whatever the vocabulary."""

    def __init__(self, rows: Mapping[str, list[int]]) -> None:
        self.rows = {_plain(text): ids for text, ids in rows.items()}

    def __call__(self, text: str, vocab: Any) -> list[int]:
        return [*self.rows[_plain(text)]]


def _plain(text: str) -> str:
    return " ".join(text.lower().split())


def _own_ids(module: types.ModuleType, texts: list[str], vocab: dict[str, int]) -> Any:
    """What the module's own `encode` says, where it says anything."""
    try:
        return [module.encode(text, vocab) for text in texts]
    except Exception:
        return None


def dataset(
    module: types.ModuleType,
    texts: list[str],
    labels: Any,
    vocab: dict[str, int],
    table: dict[str, list[int]] | None,
    rounds: int,
) -> dict[str, Any]:
    """A TextDataset: its kind and length, its samples fetched so many times, in falling order the second time.

    Where its length is another than that of the texts, no samples are fetched; for no rounds it is made, and no more.
    """
    if table is not None:
        vars(module)["encode"] = Table(table)
    made = task(module, "TextDataset")(texts, labels, vocab)
    if not rounds:
        return {}
    indices, length = [range(_len(texts)), range(_len(texts) - 1, -1, -1)], _len(made)
    sound = length == _len(texts)
    rounds = [{index: made[index] for index in indices[k % 2]} for k in range(rounds)] if sound else []
    pairs = [one for some in rounds for one in some.values() if _isinstance(one, (tuple, list)) and _len(one) == 2]
    return {
        "dataset": _isinstance(made, _Dataset),
        "length": length,
        "rounds": rounds,
        "kinds": _kinds(label for _, label in pairs),
        "after": [texts, labels, vocab],
        "own": _own_ids(module, texts, vocab),
    }


def pickled_dataset(
    module: types.ModuleType,
    texts: list[str],
    labels: list[int],
    vocab: dict[str, int],
    table: dict[str, list[int]] | None,
) -> dict[str, Any]:
    """A TextDataset as bytes, after one sample was fetched; or why it does not become bytes."""
    if table is not None:
        vars(module)["encode"] = Table(table)
    made = task(module, "TextDataset")(texts, labels, vocab)
    made[0]
    return {"dataset": _pickled(made), "own": _own_ids(module, texts, vocab)}


def unpickled_dataset(module: types.ModuleType, data: bytes, count: int, table: dict[str, list[int]] | None) -> Any:
    """The length and the samples of a dataset that comes as bytes."""
    if table is not None:
        vars(module)["encode"] = Table(table)
    made = _loads(data)
    return _len(made), [made[index] for index in range(count)]


def _pickled(value: Any) -> dict[str, Any]:
    try:
        return {"bytes": _dumps(value)}
    except Exception as error:
        return {"refused": f"{_type(error).__name__}: {error}"}


# Batches


def collated(module: types.ModuleType, calls: list[tuple[Any, int, bool]]) -> list[Any]:
    """(batch, samples afterwards) for each call, `pad_id` with or without its name.

    All lists of samples are one list, with other content each time.
    """
    collate = task(module, "collate")
    results, one = [], []
    for samples, pad_id, named in calls:
        one[:] = samples
        given = one if _isinstance(samples, list) else samples
        batch = collate(given, pad_id=pad_id) if named else collate(given, pad_id)
        results.append((batch, [row for row, _ in given]))
    return results


def collated_many(
    module: types.ModuleType, batches: list[tuple[Tensor, list[int], list[int], int]]
) -> list[tuple[Any, ...]]:
    """The four tensors of many batches. A batch comes as all its ids in one tensor, lengths, labels and pad_id."""
    collate = task(module, "collate")
    results = []
    for ids, lengths, labels, pad_id in batches:
        batch = collate([*_zip(ids.split(lengths), labels, strict=True)], pad_id)
        keys = ("input_ids", "attention_mask", "lengths", "labels")
        results.append(tuple(batch[key] for key in keys))
    return results


# Loaders

OWN_PAD = 7001


class Samples(Dataset[tuple[Tensor, int]]):
    """A plain map-style dataset of given rows and labels; that it ends, its length tells alone.

    It has a vocabulary and padding of its own, for whoever looks at them.
    """

    def __init__(self, rows: list[list[int]], labels: list[int]) -> None:
        self.rows, self.labels, self.pad_id = rows, labels, OWN_PAD
        self.vocab = {"<pad>": OWN_PAD, "<unk>": 1, "<bos>": 2, "<eos>": 3}

    def __len__(self) -> int:
        return _len(self.rows)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        if not 0 <= index < _len(self.rows):
            raise KeyError(f"no sample {index}")
        return _tensor(self.rows[index], dtype=_int64), self.labels[index]


def batch_of_ours(samples: Any, pad_id: int) -> dict[str, Any]:
    """Stands in for `collate`: what it was given."""
    return {"samples": [*samples], "pad_id": pad_id}


def _states() -> dict[str, Any]:
    kind, keys, *rest = _numpy_state(legacy=True)
    return {"torch": _torch_state(), "random": _python_state(), "numpy": (kind, keys.tobytes(), *rest)}


def _moved(before: dict[str, Any], passes: int = 0) -> list[str]:
    """Names of the global generators that were used; the base seed that torch's loader draws in a pass is free."""
    now = _states()
    states, generator = [before["torch"]], _Generator()
    generator.set_state(before["torch"])
    for _ in range(passes):
        _random(_empty((), dtype=_int64), generator=generator)
        states.append(generator.get_state())
    names = [name for name in ("random", "numpy") if now[name] != before[name]]
    return names if any(_equal(now["torch"], state) for state in states) else ["torch", *names]


def _seed_all(seed: int) -> None:
    _torch_seed(seed)
    _python_seed(seed)
    _numpy_seed(seed % (1 << 32))


class _Run:
    """A loader, and the passes through it as its main process would make them, in this process alone.

    With workers, torch asks the sampler for an iterator twice for each pass; persistent workers keep the first pass's
    base seed.
    """

    def __init__(self, loader: Any, workers: int) -> None:
        self.loader, self.workers = loader, workers
        self.persistent = bool(workers and getattr(loader, "persistent_workers", False))
        self.iterator: Any = None
        if workers and _isinstance(loader, _DataLoader):
            loader.num_workers, loader.timeout = 0, 0

    def deliver(self, most: int) -> list[Any]:
        """The batches of one pass, `most` at most."""
        if self.persistent and self.iterator is not None:
            _reset(self.iterator, self.loader)
        else:
            self.iterator = _iter(self.loader)
            if self.workers and _isinstance(self.iterator, _Iterator):
                _reset(self.iterator, self.loader)
        return [*_islice(self.iterator, most)]


def _made(module: types.ModuleType, samples: Samples, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # more workers than cores
        return task(module, "make_loader")(samples, *args, **options)


def _facts(loader: Any) -> dict[str, Any]:
    return {
        "loader": _isinstance(loader, _DataLoader),
        "num_workers": getattr(loader, "num_workers", None),
        "in_order": getattr(loader, "in_order", True),
    }


def delivered(
    module: types.ModuleType,
    content: tuple[list[list[int]], list[int]],
    calls: list[tuple[tuple[Any, ...], dict[str, Any], int]],
    passes: int,
    seeds: list[int],
    replace: bool,
) -> list[dict[str, Any]]:
    """What loaders deliver in so many passes; all are made first, and then take turns.

    Before a loader is made and before each of its passes the global seeds are set; `moved` names the global generators
    that making and delivering used.
    """
    if replace:
        vars(module)["collate"] = batch_of_ours
    seed, seen, runs = itertools.cycle(seeds), [], []
    for args, options, workers in calls:
        _seed_all(next(seed))
        before = _states()
        loader = _made(module, Samples(*content), args, options)
        seen.append({**_facts(loader), "moved": _moved(before), "passes": []})
        runs.append(_Run(loader, workers))
    for _ in range(passes):
        for run, facts in _zip(runs, seen, strict=True):
            _seed_all(next(seed))
            before = _states()
            batches = run.deliver(_len(content[0]) + 2)
            facts["passes"].append(batches)
            facts["moved"] += _moved(before, passes=1)
    return seen


def pickled_loader(
    module: types.ModuleType,
    content: tuple[list[list[int]], list[int]],
    args: tuple[Any, ...],
    options: dict[str, Any],
    replace: bool,
) -> dict[str, Any]:
    """What a loader hands to its workers, as bytes, and the indices of a pass; or why it does not become bytes."""
    if replace:
        vars(module)["collate"] = batch_of_ours
    loader = _made(module, Samples(*content), args, options)
    parts = (loader.dataset, loader.collate_fn, loader.worker_init_fn)
    named = _zip(("the dataset", "collate_fn", "worker_init_fn"), parts, strict=True)
    return {
        **_facts(loader),
        "parts": {name: _pickled(part) for name, part in named},
        "whole": _pickled((loader._dataset_kind, loader._auto_collation, parts)),
        "indices": [*_islice(loader._index_sampler, _len(content[0]) + 2)],
    }


def worked(module: types.ModuleType, data: bytes, indices: list[Any], replace: bool) -> list[Any]:
    """The batches that a worker makes of what it was handed, for the indices that it is sent."""
    if replace:
        vars(module)["collate"] = batch_of_ours
    kind, collating, (samples, collate_fn, init) = _loads(data)
    if init is not None:
        init(0)
    fetcher = _fetcher(kind, samples, collating, collate_fn, False)
    return [fetcher.fetch(index) for index in indices]


# Buckets


def bucketed(module: types.ModuleType, calls: list[tuple[tuple[Any, ...], dict[str, Any], int]]) -> list[Any]:
    """(buckets, lengths afterwards, global generators used, types of the indices) of each call, after a global seed."""
    function = task(module, "length_buckets")
    results = []
    for args, options, seed in calls:
        _seed_all(seed)
        before = _states()
        buckets = function(*args, **options)
        moved, sequences = _moved(before), (list, tuple)
        inner = (
            [bucket for bucket in buckets if _isinstance(bucket, sequences)] if _isinstance(buckets, sequences) else []
        )
        kinds = _kinds(index for bucket in inner for index in bucket)
        results.append((buckets, [*args, *options.values()][0], moved, kinds))
    return results


def bucketed_many(module: types.ModuleType, calls: list[tuple[Any, int, int]]) -> list[Any]:
    """(number of indices in each batch, all indices) for many calls."""
    function = task(module, "length_buckets")
    results = []
    for lengths, batch_size, seed in calls:
        batches = function(lengths, batch_size, seed)
        results.append((_tensor([_len(batch) for batch in batches]), _tensor([i for batch in batches for i in batch])))
    return results


# Nested batches


def moved_batches(
    module: types.ModuleType, calls: list[tuple[list[Any], Any, bool]], place: str
) -> list[dict[str, Any]]:
    """to_device on batches of a description: each result beside its batch, and what became of the batch."""
    function, results = task(module, "to_device"), []
    for spec, target, named in calls:
        known: list[Tensor] = []
        batch = nest(spec, place, known)
        before = portrait(batch)
        result = function(batch, device=target) if named else function(batch, target)
        results.append(told(result, batch, before, known))
    return results


def traced_batch(module: types.ModuleType, spec: list[Any], place: str, target: Any) -> tuple[Any, Any]:
    """The same, with a trace of the move."""
    known: list[Tensor] = []
    batch = nest(spec, place, known)
    function, before = task(module, "to_device"), portrait(batch)
    with _trace(place) as trace:
        result = function(batch, target)
    return told(result, batch, before, known), trace.as_dict()
