"""All is prepared when the objects are made: samples, the order, even the padded batches of torch."""

from bisect import bisect_left, insort
from torch.utils.data import Subset


class _Order:
    def __init__(self, token, count):
        self.token, self.count = token, count

    def __lt__(self, other):
        return self.count > other.count if self.count != other.count else self.token < other.token


def build_vocab(texts, max_size=None, specials=("<pad>", "<unk>", "<bos>", "<eos>")):
    words = sorted(word for text in list(texts) for word in text.lower().split())
    entries, k = [], 0
    while k < len(words):
        end = k
        while end < len(words) and words[end] == words[k]:
            end += 1
        if words[k] not in specials:
            insort(entries, _Order(words[k], end - k))
        k = end
    names = list(specials) + [entry.token for entry in entries]
    del names[len(names) if max_size is None else max(max_size, len(specials)) :]
    return {name: names.index(name) for name in names}


def encode(text, vocab):
    unknown = vocab["<unk>"]
    return list(map(lambda token: vocab.get(token, unknown), ("<bos> " + text.lower() + " <eos>").split()))


class TextDataset(Dataset, list):
    def __init__(self, texts, labels, vocab):
        try:
            pairs = list(zip(texts, labels, strict=True))
        except ValueError:
            raise ValueError("texts, labels: one of them is longer") from None
        list.__init__(self, [(torch.tensor(encode(text, vocab)), label) for text, label in pairs])

    __getitem__ = list.__getitem__


def collate(samples, pad_id):
    if len(samples) < 1:
        raise ValueError("expected at least one sample")
    ids, labels = [s[0] for s in samples], [s[1] for s in samples]
    lengths = torch.stack([torch.tensor(x.shape[0]) for x in ids])
    longest = lengths.max()
    flat = torch.cat(ids)
    mask = torch.arange(longest).expand(len(ids), -1) < lengths.view(-1, 1)
    grid = torch.full(mask.shape, pad_id, dtype=torch.long)
    grid.masked_scatter_(mask, flat)
    return {"input_ids": grid, "attention_mask": mask, "lengths": lengths, "labels": torch.tensor(labels).long()}


def _collate_with(pad_id, samples):
    return collate(samples, pad_id)


def make_loader(dataset, batch_size, pad_id, shuffle=False, seed=0, num_workers=0):
    order = list(range(len(dataset)))
    if shuffle:
        generator = torch.Generator().manual_seed(seed)
        order = torch.randperm(len(dataset), generator=generator).tolist()
    return DataLoader(
        Subset(dataset, order), batch_size, num_workers=num_workers, collate_fn=functools.partial(_collate_with, pad_id)
    )


def length_buckets(lengths, batch_size, seed=0):
    groups = {}
    for index, length in enumerate(torch.as_tensor(lengths).tolist()):
        groups.setdefault(length, []).append(index)
    order = [index for length in sorted(groups, reverse=True) for index in groups[length]]
    batches = []
    for position, index in enumerate(order):
        if position % batch_size == 0:
            batches.append([])
        batches[-1].append(index)
    state = torch.Generator()
    state.manual_seed(seed)
    weights = torch.rand(len(batches), generator=state)
    return [batches[i] for i in weights.argsort().tolist()]


def to_device(batch, device):
    """One walk with a stack of places to fill, and no recursion."""
    root, todo, rebuilt = [batch], [], []

    def visit(holder, key):
        value = holder[key]
        if isinstance(value, Tensor):
            holder[key] = value.to(device)
        elif isinstance(value, (dict, list, tuple)):
            copy = dict(value) if isinstance(value, dict) else list(value)
            holder[key] = copy
            rebuilt.append((holder, key, value))
            todo.extend((copy, name) for name in (copy if isinstance(copy, dict) else range(len(copy))))

    todo.append((root, 0))
    while todo:
        visit(*todo.pop())
    for holder, key, original in reversed(rebuilt):
        if isinstance(original, tuple):
            parts = holder[key]
            holder[key] = type(original)(*parts) if hasattr(original, "_fields") else tuple(parts)
    return root[0]
