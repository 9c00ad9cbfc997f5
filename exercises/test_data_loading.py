"""Public tests of data_loading: run `pytest exercises/test_data_loading.py` while you work."""

import pickle
from collections import namedtuple
from itertools import pairwise

import pytest
import torch
from data_loading import TextDataset, build_vocab, collate, encode, length_buckets, make_loader, to_device
from torch.utils.data import DataLoader, Dataset

VOCAB = {"<pad>": 9, "<unk>": 7, "<bos>": 5, "<eos>": 3, "good": 0, "film": 12}
Pair = namedtuple("Pair", "x y")


def ragged(count):
    """Samples of different lengths; the label of a sample is its index."""
    return [(torch.arange(1 + index % 4), index) for index in range(count)]


def order_of(loader):
    return [label for batch in loader for label in batch["labels"].tolist()]


# build_vocab


@pytest.mark.correctness
def test_build_vocab_orders_by_count_then_spelling():
    texts = ["The cat\tsaw the dog", "the  end\n", "", "Saw"]
    vocab = build_vocab(text for text in texts)
    expected = ["<pad>", "<unk>", "<bos>", "<eos>", "the", "saw", "cat", "dog", "end"]
    assert vocab == {token: number for number, token in enumerate(expected)}


@pytest.mark.correctness
@pytest.mark.parametrize(("max_size", "size"), [(None, 7), (100, 7), (6, 6), (4, 4), (2, 4)])
def test_build_vocab_limits_the_size_but_keeps_the_specials(max_size, size):
    vocab = build_vocab(["a b c a b a"], max_size=max_size)
    assert list(vocab.values()) == list(range(size))
    assert list(vocab) == ["<pad>", "<unk>", "<bos>", "<eos>", "a", "b", "c"][:size]


@pytest.mark.correctness
def test_build_vocab_keeps_the_id_of_a_special_that_stands_in_a_text():
    assert build_vocab(["<pad> a <pad> b b"], specials=("<unk>", "<pad>")) == {"<unk>": 0, "<pad>": 1, "b": 2, "a": 3}
    assert build_vocab(["<pad> a"], specials=()) == {"<pad>": 0, "a": 1}


# encode


@pytest.mark.correctness
def test_encode_puts_the_text_between_bos_and_eos():
    ids = encode(" A GOOD\tfilm ", VOCAB)
    assert ids == [5, 7, 0, 12, 3]
    assert all(type(number) is int for number in ids)


@pytest.mark.correctness
def test_encode_takes_empty_texts_and_specials():
    assert encode("", VOCAB) == [5, 3]
    assert encode("<pad> <UNK>", VOCAB) == [5, 9, 7, 3]


# TextDataset


@pytest.mark.correctness
def test_text_dataset_holds_ids_and_labels():
    dataset = TextDataset(["a good film", "good"], (1, 0), VOCAB)
    assert isinstance(dataset, Dataset)
    assert len(dataset) == 2
    ids, label = dataset[0]
    assert ids.dtype == torch.long
    assert ids.tolist() == [5, 7, 0, 12, 3]
    assert label == 1
    assert type(label) is int


@pytest.mark.correctness
def test_text_dataset_refuses_labels_of_another_number():
    with pytest.raises(ValueError, match=r"(?i)text|label|length"):
        TextDataset(["a", "b"], [1], VOCAB)


@pytest.mark.correctness
def test_text_dataset_can_be_pickled():
    dataset = pickle.loads(pickle.dumps(TextDataset(["film"], [1], VOCAB)))
    assert dataset[0][0].tolist() == [5, 12, 3]


# collate


@pytest.mark.correctness
def test_collate_pads_behind_the_ids_and_masks_by_length():
    samples = [(torch.tensor([7, 8]), 4), (torch.tensor([7, 7, 7]), 0), (torch.tensor([], dtype=torch.long), 2)]
    batch = collate(samples, 7)
    assert batch["input_ids"].tolist() == [[7, 8, 7], [7, 7, 7], [7, 7, 7]]
    assert batch["attention_mask"].tolist() == [[True, True, False], [True, True, True], [False, False, False]]
    assert batch["lengths"].tolist() == [2, 3, 0]
    assert batch["labels"].tolist() == [4, 0, 2]
    assert {key: value.dtype for key, value in batch.items()} == {
        "input_ids": torch.long,
        "attention_mask": torch.bool,
        "lengths": torch.long,
        "labels": torch.long,
    }


@pytest.mark.correctness
def test_collate_takes_one_sample_and_refuses_none():
    assert collate(((torch.tensor([3]), 1),), pad_id=0)["input_ids"].tolist() == [[3]]
    with pytest.raises(ValueError, match=r"(?i)sample|batch|empty"):
        collate([], pad_id=0)


@pytest.mark.speed
def test_collate_beats_a_loop_over_the_ids(times_faster):
    samples = [(torch.arange(40 + index % 9), index) for index in range(64)]

    def loop():
        ids = torch.zeros(64, 48, dtype=torch.long)
        for row, (values, _) in enumerate(samples):
            for column in range(len(values)):
                ids[row, column] = values[column]

    assert times_faster(lambda: collate(samples, 0), loop) > 3


# make_loader


@pytest.mark.correctness
def test_make_loader_drops_nothing_and_keeps_the_order():
    loader = make_loader(ragged(7), 3, 8)
    assert isinstance(loader, DataLoader)
    assert [batch["labels"].tolist() for batch in loader] == [[0, 1, 2], [3, 4, 5], [6]]
    assert next(iter(loader))["input_ids"].tolist() == [[0, 8, 8], [0, 1, 8], [0, 1, 2]]


@pytest.mark.correctness
def test_make_loader_shuffles_by_its_seed_alone():
    one, same, other = (make_loader(ragged(50), 4, 0, shuffle=True, seed=seed) for seed in (1, 1, 2))
    torch.manual_seed(1)
    passes = [order_of(one), order_of(one)]
    torch.manual_seed(2)
    assert [order_of(same), order_of(same)] == passes
    assert order_of(other) != passes[0]
    assert passes[0] != list(range(50))
    assert sorted(passes[0]) == sorted(passes[1]) == list(range(50))


@pytest.mark.correctness
@pytest.mark.filterwarnings("ignore:This DataLoader will create")  # two workers on a machine of one core
def test_make_loader_can_be_sent_to_a_spawned_worker():
    loader = make_loader(ragged(5), batch_size=2, pad_id=0, num_workers=2)
    assert loader.num_workers == 2
    dataset, collate_fn = pickle.loads(pickle.dumps((loader.dataset, loader.collate_fn)))
    assert collate_fn([dataset[0], dataset[1]])["lengths"].tolist() == [1, 2]


# length_buckets


@pytest.mark.correctness
@pytest.mark.parametrize("kind", [list, torch.tensor])
def test_length_buckets_hold_every_index_once_and_similar_lengths(kind):
    lengths = [(7 * index) % 31 + 1 for index in range(30)]
    batches = length_buckets(kind(lengths), batch_size=4)
    assert sorted(index for batch in batches for index in batch) == list(range(30))
    assert all(type(index) is int for batch in batches for index in batch)
    assert sorted(len(batch) for batch in batches) == [2, 4, 4, 4, 4, 4, 4, 4]
    ranges = sorted((min(found), max(found)) for found in ([lengths[i] for i in batch] for batch in batches))
    assert all(longest <= shortest for (_, longest), (shortest, _) in pairwise(ranges))


@pytest.mark.correctness
def test_length_buckets_come_in_an_order_that_the_seed_decides():
    lengths = list(range(100))

    def order(seed):
        return [min(batch) for batch in length_buckets(lengths, 5, seed=seed)]

    assert order(1) == order(1)
    assert order(1) != order(2)
    assert order(1) != sorted(order(1))
    assert length_buckets([], 5) == []


@pytest.mark.speed
def test_length_buckets_beat_a_search_for_every_sample(times_faster):
    lengths = [(7919 * index) % 1009 for index in range(1000)]

    def search():
        rest = list(range(1000))
        while rest:
            rest.remove(min(rest, key=lengths.__getitem__))

    assert times_faster(lambda: length_buckets(lengths, 8), search) > 3


# to_device


@pytest.mark.correctness
def test_to_device_keeps_what_is_there_already_and_what_is_no_tensor():
    x, other = torch.ones(2), object()
    batch = {"x": x, "pairs": [Pair(x, "text"), (None, other)], "n": 3}
    moved = to_device(batch, torch.device("cpu"))
    assert list(moved) == ["x", "pairs", "n"]
    assert moved["x"].data_ptr() == x.data_ptr()
    assert type(moved["pairs"][0]) is Pair
    assert moved["pairs"][0].y == "text"
    assert moved["pairs"][1][1] is other
    assert to_device(x, "cpu").data_ptr() == x.data_ptr()


@pytest.mark.gpu
def test_to_device_moves_every_tensor(device, trace):
    there = torch.ones(3).to(device)
    batch = {"a": torch.arange(4), "b": [(torch.tensor(True), there)], "c": Pair(torch.zeros(0, 2), "text")}
    with trace() as seen:
        moved = to_device(batch, device)
    assert moved["a"].device.type == device
    assert moved["a"].cpu().tolist() == [0, 1, 2, 3]
    assert moved["b"][0][0].device.type == device
    assert moved["c"].x.device.type == device
    assert batch["a"].device.type == "cpu"
    assert seen.to_device == 3
