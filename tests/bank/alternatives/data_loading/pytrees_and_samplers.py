"""A pytree moves the batch, a sampler with a generator of its own shuffles, workers persist."""

from torch.utils import _pytree
from torch.utils.data import BatchSampler, RandomSampler, SequentialSampler, StackDataset


def build_vocab(texts, max_size=None, specials=("<pad>", "<unk>", "<bos>", "<eos>")):
    counts = Counter()
    for text in texts:
        counts.update(map(str.lower, text.split()))
    for special in specials:
        del counts[special]
    ordered = [token for token, _ in sorted(counts.items(), key=lambda item: (item[1] * -1, item[0]))]
    ordered = list(specials) + ordered
    limit = len(ordered) if max_size is None else max(max_size, len(specials))
    return {ordered[i]: i for i in range(min(limit, len(ordered)))}


class TextDataset(StackDataset):
    def __init__(self, texts, labels, vocab):
        if len(texts) != len(labels):
            raise ValueError("texts and labels must have one length")
        super().__init__([torch.tensor(encode(text, vocab), dtype=torch.long) for text in texts], list(labels))


def collate(samples, pad_id):
    if not samples:
        raise ValueError("no samples")
    ids = [row for row, _ in samples]
    lengths = torch.tensor(list(map(len, ids)), dtype=torch.long)
    mask = pad_sequence([torch.ones_like(row, dtype=torch.bool) for row in ids], batch_first=True)
    return {
        "labels": torch.as_tensor([label for _, label in samples]),
        "lengths": lengths,
        "attention_mask": mask,
        "input_ids": pad_sequence(ids, padding_value=float(pad_id)).t().contiguous(),
    }


def _quiet(worker):
    torch.set_num_threads(1)


def make_loader(dataset, batch_size, pad_id, shuffle=False, seed=0, num_workers=0):
    own = torch.Generator().manual_seed(seed)
    sampler = RandomSampler(dataset, generator=own) if shuffle else SequentialSampler(dataset)
    return DataLoader(
        dataset,
        batch_sampler=BatchSampler(sampler, batch_size, drop_last=False),
        num_workers=num_workers,
        collate_fn=functools.partial(collate, pad_id=pad_id),
        persistent_workers=num_workers > 0,
        worker_init_fn=_quiet,
        prefetch_factor=4 if num_workers else None,
        multiprocessing_context="spawn" if num_workers else None,
        generator=torch.Generator().manual_seed(seed + 1),
    )


def length_buckets(lengths, batch_size, seed=0):
    order = torch.as_tensor(lengths).sort(stable=True).indices
    batches = [part.tolist() for part in order.split(batch_size) if len(part)]
    return [batches[i] for i in torch.randperm(len(batches), generator=torch.Generator().manual_seed(seed))]


def to_device(batch, device):
    def moved(leaf):
        if isinstance(leaf, dict):  # of a class that pytrees don't know
            return to_device(dict(leaf), device)
        return leaf.to(device, non_blocking=True) if isinstance(leaf, Tensor) else leaf

    return _pytree.tree_map(moved, batch)
