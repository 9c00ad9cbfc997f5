"""Dataset and DataLoader: from texts to padded batches, in an order that a seed decides, on the device of the model.

The way of a text: tokens, ids (`build_vocab`, `encode`), one sample of a `Dataset`, one row of a padded batch
(`collate`), delivered by a `DataLoader`, moved to the device (`to_device`). Texts have different lengths, the rows of
a tensor have one: so a batch is filled up with a padding id, and a mask says which of its positions are real.

Rules for this module: a token is what stands between whitespace in the lower-cased text, `text.lower().split()`; a
vocabulary is a dict from token to id; ids, lengths and labels are `torch.long`; what comes in is only read; and
whatever is random follows from the `seed` that was given, in every process, with the global random numbers of torch,
NumPy and Python neither used nor moved (but for the base seed of a loader, see `make_loader`).
"""

import functools
import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import DataLoader, Dataset

Sample = tuple[Tensor, int]


def build_vocab(
    texts: Iterable[str],
    max_size: int | None = None,
    specials: Sequence[str] = ("<pad>", "<unk>", "<bos>", "<eos>"),
) -> dict[str, int]:
    """Number the tokens of a corpus, the most frequent first.

    Args:
        texts: any iterable of texts, a generator too, so it can be walked through once only. Tokens are
            lower-cased and end at whitespace.
        max_size: the largest number of entries, specials included; None for no limit. Specials are never dropped:
            where max_size leaves no room beside them, the vocabulary consists of them.
        specials: entries that come first, in this order, whether a text holds them or not; different, lower-case,
            perhaps none. A special that does stand in a text keeps its id and is not counted a second time.

    Returns:
        A dict from token to id. The ids are Python ints, 0, 1, 2, … : first the specials, then the tokens by falling
        count; tokens of equal count in the order of their spelling, as Python compares strings.

    >>> build_vocab(["the cat saw the dog", "The end"], specials=["<pad>", "<unk>"])
    {'<pad>': 0, '<unk>': 1, 'the': 2, 'cat': 3, 'dog': 4, 'end': 5, 'saw': 6}
    >>> build_vocab(["b a b"], max_size=5)
    {'<pad>': 0, '<unk>': 1, '<bos>': 2, '<eos>': 3, 'b': 4}

    Slide: Dataset and DataLoader, "vocabulary".
    """
    raise NotImplementedError("build_vocab")


def encode(text: str, vocab: Mapping[str, int]) -> list[int]:
    """Turn a text into ids, between the ids of `<bos>` (begin of sentence) and `<eos>` (end of sentence).

    Args:
        text: lower-cased and split as in `build_vocab`; it may be empty. A special that it spells out, such as
            "<pad>", is a token like any other that the vocabulary knows.
        vocab: token to id, with at least `<unk>`, `<bos>` and `<eos>`; their ids may be any.

    Returns:
        A list of Python ints, two longer than there are tokens. Tokens that the vocabulary does not know get the id of
        `<unk>`.

    >>> vocab = {"<pad>": 0, "<unk>": 1, "<bos>": 2, "<eos>": 3, "the": 4, "cat": 5}
    >>> encode("The  Cat purrs", vocab)
    [2, 4, 5, 1, 3]
    >>> encode("", vocab)
    [2, 3]

    Slide: Dataset and DataLoader, "from tokens to ids".
    """
    raise NotImplementedError("encode")


class TextDataset(Dataset[Sample]):
    """Labeled texts as a map-style dataset: `len(dataset)` samples, each fetched by its index.

    It can be pickled, for that is how a DataLoader hands it to worker processes that are spawned: no lambda, generator
    or open file may be among its attributes.

    Args:
        texts: a list or tuple of N texts; N may be 0. A text that is empty is a sample, too.
        labels: a list or tuple of N ints, one for each text; any ints, negative ones too.
        vocab: token to id, as `encode` takes it.

    Raises:
        ValueError: there are not as many labels as texts; the message names `texts` or `labels`.

    >>> vocab = {"<pad>": 0, "<unk>": 1, "<bos>": 2, "<eos>": 3, "good": 4}
    >>> dataset = TextDataset(["Good", "not good"], [1, 0], vocab)
    >>> len(dataset), dataset[1]
    (2, (tensor([2, 1, 4, 3]), 0))

    Slide: Dataset and DataLoader, "Dataset".
    """

    def __init__(self, texts: Sequence[str], labels: Sequence[int], vocab: Mapping[str, int]) -> None:
        raise NotImplementedError("TextDataset.__init__")

    def __len__(self) -> int:
        """N, the number of samples."""
        raise NotImplementedError("TextDataset.__len__")

    def __getitem__(self, index: int) -> Sample:
        """Fetch one sample.

        Args:
            index: from 0 to N - 1.

        Returns:
            (ids, label): the ids of the text, as `encode` gives them, in a 1-D long tensor, and the label as a Python
            int.
        """
        raise NotImplementedError("TextDataset.__getitem__")


def collate(samples: Sequence[Sample], pad_id: int) -> dict[str, Tensor]:
    """Make one batch of samples of different lengths, each row filled up behind its end.

    Args:
        samples: a list or tuple of B samples (ids, label), ids a 1-D long tensor, perhaps empty, and label an int.
        pad_id: the id to fill up with. It may be any int from -2**53 to 2**53, also one that stands among the real
            ids.

    Returns:
        A dict with T the greatest length, which may be 0:
        `input_ids` (B, T) long;
        `attention_mask` (B, T) bool, True at every real id and False behind the end, as the lengths say: a real id
        may be equal to pad_id;
        `lengths` (B,) long, the number of real ids in each row;
        `labels` (B,) long.

    Raises:
        ValueError: there are no samples; the message names `samples`, or says that the batch is empty.

    No Python loop over single ids: whole rows are copied.

    >>> batch = collate([(torch.tensor([7, 0, 8]), 1), (torch.tensor([9]), 0)], pad_id=0)
    >>> batch["input_ids"]
    tensor([[7, 0, 8],
            [9, 0, 0]])
    >>> batch["attention_mask"]
    tensor([[ True,  True,  True],
            [ True, False, False]])
    >>> batch["lengths"], batch["labels"]
    (tensor([3, 1]), tensor([1, 0]))

    Slide: Dataset and DataLoader, "collate_fn".
    """
    raise NotImplementedError("collate")


def make_loader(
    dataset: Dataset[Sample],
    batch_size: int,
    pad_id: int,
    shuffle: bool = False,
    seed: int = 0,
    num_workers: int = 0,
) -> DataLoader[Sample]:
    """Deliver a dataset in padded batches.

    Args:
        dataset: any map-style dataset of samples (ids, label), as `collate` takes them: its length tells how many
            they are, at least one where they are shuffled. It need not raise IndexError behind its end, so don't walk
            through it as through a list.
        batch_size: number of samples in a batch, at least 1; the last batch may be shorter, and is not dropped.
        pad_id: the id to fill up with.
        shuffle: whether the samples come in random order; else they come in the order of the dataset.
        seed: from 0 to 2**32 - 1; decides the random order, alone: two fresh loaders of one seed give the same batches
            in their first pass, in their second pass and so on, whatever the global seed, and however many workers.
            Other seeds give other orders. A loader's later passes may differ from its first. (A DataLoader draws from
            its `generator` at the beginning of every pass, but with persistent_workers of the first alone: a sampler
            that shares the generator then goes another way.) Free is the base seed for workers that a DataLoader draws
            once in a pass: without a `generator` of its own it comes from torch's global one, which moves by this draw.
        num_workers: number of processes that fetch and collate; 0 for none beside the main process.

    Returns:
        A `DataLoader` of batches as `collate` makes them. Where workers are spawned (on macOS and Windows they
        always are), they get dataset, collate_fn and worker_init_fn by pickle, so no lambda and no function that is
        defined inside another one will do.

    >>> dataset = [(torch.tensor([7, 8]), 0), (torch.tensor([9]), 1), (torch.tensor([6]), 2)]
    >>> for batch in make_loader(dataset, batch_size=2, pad_id=5):
    ...     print(batch["input_ids"].tolist(), batch["labels"].tolist())
    [[7, 8], [9, 5]] [0, 1]
    [[6]] [2]
    >>> first, again = (make_loader(dataset, 1, 5, shuffle=True, seed=3) for _ in range(2))
    >>> [batch["labels"].item() for batch in first] == [batch["labels"].item() for batch in again]
    True

    Slide: Dataset and DataLoader, "DataLoader".
    """
    raise NotImplementedError("make_loader")


def length_buckets(lengths: Sequence[int] | Tensor, batch_size: int, seed: int = 0) -> list[list[int]]:
    """Put samples of similar length into one batch, so that little is filled up.

    Args:
        lengths: N lengths, as a list or as a 1-D tensor; N may be 0.
        batch_size: number of samples in a batch, at least 1.
        seed: from 0 to 2**32 - 1; decides the order of the batches, alone: one seed gives one order, other seeds give
            others.

    Returns:
        The batches, in random order, each a list of Python ints, the indices of its samples, in any order. Every index
        from 0 to N - 1 stands in one batch. No batch is empty, and at most one holds fewer than batch_size indices,
        whichever; its place is random like the others'. The ranges of length that the batches cover overlap at most at
        their ends: with the batches sorted, the longest sample of one is no longer than the shortest of the next.

    The work is that of sorting, N log N: no search through the rest for every single sample.

    >>> batches = length_buckets([9, 2, 8, 1, 3], batch_size=2)
    >>> sorted(sorted(batch) for batch in batches)
    [[0], [1, 3], [2, 4]]

    Slide: Dataset and DataLoader, "batches of similar length".
    """
    raise NotImplementedError("length_buckets")


def to_device(batch: Any, device: torch.device | str) -> Any:
    """Move every tensor of a batch to a device, however deep it is nested.

    Args:
        batch: a tensor, or dicts, lists, tuples and named tuples of tensors, of each other, and of anything else. The
            batch stays as it is.
        device: where the tensors shall be, as a `torch.device` or its name.

    Returns:
        The same structure with the tensors on the device: a list for a list, a tuple for a tuple, a named tuple of the
        same type for a named tuple, a dict for a dict (for an OrderedDict or another subclass, too, a plain dict will
        do). A tensor that is there already is not copied, nor detached. What is neither a tensor nor one of these
        containers, such as a string, None, a NumPy array or an object of a class of your own, comes back as the same
        object, with what it holds where it was; also if it has a method `to`. Other mappings and sequences, such as a
        deque, may be entered or come back as they are.

    >>> to_device({"ids": torch.zeros(2), "texts": ["a", "b"]}, "meta")
    {'ids': tensor(..., device='meta', size=(2,)), 'texts': ['a', 'b']}
    >>> x = torch.ones(2)
    >>> to_device([(x, 3)], "cpu")[0][0] is x
    True

    Slide: Dataset and DataLoader, "to the device".
    """
    raise NotImplementedError("to_device")
