"""One task leans on another: the dataset on encode, the loader on length_buckets' idea of a sampler, a dispatcher on types."""

from torch.utils.data import Sampler


@functools.singledispatch
def to_device(batch, device):
    return batch


@to_device.register
def _(batch: Tensor, device):
    return batch if batch.device == torch.empty(0, device=device).device else batch.to(device)


@to_device.register
def _(batch: dict, device):
    return dict(zip(batch.keys(), to_device(list(batch.values()), device)))


@to_device.register
def _(batch: list, device):
    return [to_device(value, device) for value in batch]


@to_device.register
def _(batch: tuple, device):
    moved = to_device(list(batch), device)
    return batch._make(moved) if hasattr(batch, "_fields") else tuple(moved)


class TextDataset(Dataset):
    def __init__(self, texts, labels, vocab):
        if len(texts) != len(labels):
            raise ValueError(f"{len(labels)} labels for {len(texts)} texts")
        self.texts, self.labels, self.vocab = list(texts), list(labels), dict(vocab)

    def __len__(self):
        return len(self.texts)

    def __getitem__(self, index):
        return torch.tensor(encode(self.texts[index], self.vocab), dtype=torch.long), int(self.labels[index])

    def __getitems__(self, indices):
        return [self[index] for index in indices]


class _Permuted(Sampler):
    def __init__(self, dataset, seed):
        self.dataset, self.seed, self.epoch = dataset, seed, 0

    def __len__(self):
        return len(self.dataset)

    def __iter__(self):
        generator = torch.Generator().manual_seed(self.seed * 1000 + self.epoch)
        self.epoch += 1
        yield from torch.randperm(len(self.dataset), generator=generator).tolist()


class _Loader(DataLoader):
    def __init__(self, *args, pad_id, **options):
        self.pad_id = pad_id
        super().__init__(*args, collate_fn=functools.partial(collate, pad_id=pad_id), **options)


def make_loader(dataset, batch_size, pad_id, shuffle=False, seed=0, num_workers=0):
    sampler = _Permuted(dataset, seed) if shuffle else None
    return _Loader(dataset, batch_size, pad_id=pad_id, sampler=sampler, num_workers=num_workers)


def length_buckets(lengths, batch_size, seed=0):
    number = len(lengths)
    order = sorted(range(number), key=[int(n) for n in lengths].__getitem__, reverse=True)
    starts = list(range(0, number, batch_size))
    random.Random(seed).shuffle(starts)
    return [sorted(order[start : start + batch_size]) for start in starts]
