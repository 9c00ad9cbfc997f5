"""NumPy does the counting, the padding, the sorting and the shuffling."""

import numpy as np


def build_vocab(texts, max_size=None, specials=("<pad>", "<unk>", "<bos>", "<eos>")):
    tokens = [token for token in " ".join(texts).lower().split() if token not in set(specials)]
    found, counts = np.unique(np.array(tokens, dtype=object), return_counts=True) if tokens else ([], [])
    order = np.argsort(-np.asarray(counts, dtype=np.int64), kind="stable")
    if max_size is not None:
        order = order[: max(max_size - len(specials), 0)]
    every = [*specials, *(found[i] for i in order)]
    return dict(zip(every, range(len(every))))


def encode(text, vocab):
    tokens = np.array(["<bos>", *text.lower().split(), "<eos>"], dtype=object)
    return np.array([vocab.get(token, vocab["<unk>"]) for token in tokens], dtype=np.int64).tolist()


class TextDataset(Dataset):
    def __init__(self, texts, labels, vocab):
        if np.shape(labels)[0] != np.shape(texts)[0]:
            raise ValueError(f"labels: {np.shape(labels)} for texts: {np.shape(texts)}")
        rows = [np.asarray(encode(text, vocab)) for text in texts]
        self.flat = np.concatenate([np.zeros(0, dtype=np.int64), *rows])
        self.ends = np.cumsum([0, *map(len, rows)])
        self.labels = np.asarray(labels)

    def __len__(self):
        return len(self.ends) - 1

    def __getitem__(self, index):
        row = self.flat[self.ends[index] : self.ends[index + 1]].astype(np.int64)
        return torch.from_numpy(row), int(self.labels[index])


def collate(samples, pad_id):
    if not len(samples):
        raise ValueError("the list of samples is empty")
    lengths = np.array([row.numel() for row, _ in samples])
    ids = np.full((len(samples), lengths.max()), pad_id)
    mask = np.arange(lengths.max())[None] < lengths[:, None]
    ids[mask] = np.concatenate([row.numpy() for row, _ in samples])
    labels = np.fromiter((label for _, label in samples), dtype=np.int64)
    names = ("input_ids", "attention_mask", "lengths", "labels")
    return {name: torch.from_numpy(value) for name, value in zip(names, (ids, mask, lengths, labels))}


def make_loader(dataset, batch_size, pad_id, shuffle=False, seed=0, num_workers=0):
    order = np.arange(len(dataset))
    if shuffle:
        order = np.random.default_rng(seed).permutation(order)
    return DataLoader(
        dataset,
        batch_size=batch_size,
        sampler=order.tolist(),
        collate_fn=functools.partial(collate, pad_id=pad_id),
        num_workers=num_workers,
    )


def length_buckets(lengths, batch_size, seed=0):
    order = np.argsort(np.asarray(lengths), kind="stable")
    batches = np.split(order, range(batch_size, len(order), batch_size)) if len(order) else []
    return [batches[i].tolist() for i in np.random.default_rng(seed).permutation(len(batches))]
