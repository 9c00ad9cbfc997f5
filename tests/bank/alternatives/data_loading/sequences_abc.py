"""Containers are told by collections.abc, strings set aside; views come back from collate."""

import collections.abc


def to_device(batch, device):
    if torch.is_tensor(batch):
        return batch if str(batch.device).split(":")[0] == str(device).split(":")[0] else batch.to(device)
    if isinstance(batch, str):
        return batch
    if isinstance(batch, collections.abc.Mapping):
        return {**{k: to_device(v, device) for k, v in batch.items()}}
    if isinstance(batch, collections.abc.Sequence):
        items = (to_device(v, device) for v in batch)
        return type(batch)(*items) if hasattr(batch, "_fields") else type(batch)(items)
    return batch


class Batch(dict):
    def __getattr__(self, name):
        return self[name]


def collate(samples, pad_id):
    if not samples:
        raise ValueError("Got an empty batch!")
    width = max(len(ids) for ids, _ in samples)
    whole = torch.tensor([[*ids.tolist(), *[pad_id] * (width - len(ids)), len(ids), label] for ids, label in samples])
    lengths = whole[:, width]
    return Batch(input_ids=whole[:, :width], attention_mask=torch.arange(width).lt(lengths[:, None]), lengths=lengths,
                 labels=whole[:, -1], token_type_ids=torch.zeros_like(whole[:, :width]))


class TextDataset(Dataset):
    __slots__ = ("rows", "labels")

    def __init__(self, texts, labels, vocab):
        if len(list(texts)) != len(list(labels)):
            raise ValueError("Every text needs exactly one label")
        self.rows = [encode(text, vocab) for text in texts]
        self.labels = tuple(labels)

    def __len__(self):
        return self.rows.__len__()

    @functools.lru_cache
    def __getitem__(self, index):
        return torch.LongTensor(self.rows[index]), self.labels[index]


def length_buckets(lengths, batch_size, seed=0):
    import numpy

    order = numpy.lexsort((numpy.arange(len(lengths)), numpy.asarray(lengths)))
    count = -(-len(order) // batch_size)
    places = numpy.random.RandomState(seed).permutation(count)
    return [[int(index) for index in order[p * batch_size : (p + 1) * batch_size]] for p in places]
