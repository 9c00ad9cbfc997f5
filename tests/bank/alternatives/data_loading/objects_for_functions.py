"""Instances of classes with __call__ stand where functions are asked, and a function makes the dataset."""

import heapq
from itertools import islice, zip_longest


class _Vocabulary:
    def __call__(self, texts, max_size=None, specials=("<pad>", "<unk>", "<bos>", "<eos>")):
        counts = Counter(t for text in texts for t in text.lower().split())
        taken = OrderedDict((s, i) for i, s in enumerate(specials))
        heap = [(-n, t) for t, n in counts.items() if t not in taken]
        heapq.heapify(heap)
        while heap and (max_size is None or len(taken) < max_size):
            taken[heapq.heappop(heap)[1]] = len(taken)
        return taken


from collections import OrderedDict

build_vocab = _Vocabulary()


class _Encoder:
    def __init__(self, begin="<bos>", end="<eos>", unknown="<unk>"):
        self.begin, self.end, self.unknown = begin, end, unknown

    def __call__(self, text, vocab):
        known = defaultdict_of(vocab, self.unknown)
        return [known[token] for token in f"{self.begin} {text.lower()} {self.end}".split()]


class defaultdict_of(dict):
    def __init__(self, vocab, unknown):
        super().__init__(vocab)
        self.unknown = unknown

    def __missing__(self, token):
        return self[self.unknown]


encode = _Encoder()


class _Pairs(Dataset):
    def __init__(self, rows, labels):
        self.rows, self.labels = tuple(rows), tuple(labels)

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, index):
        return [torch.asarray(self.rows[index], dtype=torch.int64), self.labels[index]]


def TextDataset(texts, labels, vocab):
    if len(texts) - len(labels):
        raise ValueError("len(texts) != len(labels)")
    return _Pairs((encode(text, vocab) for text in texts), labels)


class _Collate:
    def __call__(self, samples, pad_id):
        if not samples:
            raise ValueError("samples must not be empty")
        columns = list(zip_longest(*(row.tolist() for row, _ in samples), fillvalue=pad_id))
        lengths = torch.tensor([row.size(0) for row, _ in samples])
        ids = torch.tensor(columns, dtype=torch.long).reshape(len(columns), len(samples)).T
        mask = lengths.unsqueeze(1).gt(torch.arange(len(columns)).unsqueeze(0))
        return OrderedDict(input_ids=ids, attention_mask=mask, lengths=lengths, labels=torch.tensor([n for _, n in samples]))


collate = _Collate()


class _Shuffling:
    def __init__(self, count, size, shuffle, seed):
        self.count, self.size, self.shuffle, self.generator = count, size, shuffle, random.Random(f"{seed}")

    def __len__(self):
        return (self.count + self.size - 1) // self.size

    def __iter__(self):
        order = iter(self.generator.sample(range(self.count), self.count) if self.shuffle else range(self.count))
        while batch := list(islice(order, self.size)):
            yield batch


class _Batch:
    def __init__(self, pad_id):
        self.keywords = {"pad_id": pad_id}

    def __call__(self, samples):
        return collate(samples, **self.keywords)


def make_loader(dataset, batch_size, pad_id, shuffle=False, seed=0, num_workers=0):
    batches = _Shuffling(len(dataset), batch_size, shuffle, seed)
    return DataLoader(dataset, batch_sampler=batches, collate_fn=_Batch(pad_id), num_workers=num_workers)


class _Buckets:
    def __call__(self, lengths, batch_size, seed=0):
        heap = [(int(n), i) for i, n in enumerate(lengths)]
        heapq.heapify(heap)
        short = len(heap) % batch_size
        batches = [[heapq.heappop(heap)[1] for _ in range(short)]] if short else []
        while heap:
            batches.append([heapq.heappop(heap)[1] for _ in range(batch_size)])
        keys = random.Random(seed)
        return sorted(batches, key=lambda _: keys.random())


length_buckets = _Buckets()
