"""Recursion wherever a loop would do."""

def _count(tokens, counts):
    for token in tokens:
        counts[token] = counts.get(token, 0) + 1
    return counts


def build_vocab(texts, max_size=None, specials=("<pad>", "<unk>", "<bos>", "<eos>")):
    counts = functools.reduce(lambda so_far, text: _count(text.lower().split(), so_far), texts, {})

    def extended(vocab, rest):
        while rest and rest[0] in vocab:
            rest = rest[1:]
        if not rest or (max_size is not None and len(vocab) >= max_size):
            return vocab
        return extended(vocab | {rest[0]: len(vocab)}, rest[1:]) if len(rest) < 50 else extended_fast(vocab, rest)

    def extended_fast(vocab, rest):
        return extended(vocab | {rest[0]: len(vocab)}, rest[1:])

    import sys

    before = sys.getrecursionlimit()
    sys.setrecursionlimit(20_000)
    try:
        return extended({s: i for i, s in enumerate(specials)}, sorted(counts, key=lambda t: (-counts[t], t)))
    finally:
        sys.setrecursionlimit(before)


def encode(text, vocab):
    def ids(tokens):
        return [vocab[tokens[0]] if tokens[0] in vocab else vocab["<unk>"], *ids(tokens[1:])] if tokens else []

    return ids(["<bos>", *text.lower().split(), "<eos>"])


def collate(samples, pad_id):
    if not samples:
        raise ValueError("batch: nothing in it")
    longest = max(row.shape[0] for row, _ in samples)

    def rows(k):
        if k == len(samples):
            return []
        ids, label = samples[k]
        gap = longest - ids.shape[0]
        padded = torch.nn.functional.pad(ids, (0, gap), value=pad_id)
        return [(padded, torch.arange(longest) < ids.shape[0], ids.shape[0], label), *rows(k + 1)]

    ids, masks, lengths, labels = zip(*rows(0))
    stacked = {"input_ids": torch.stack(ids), "attention_mask": torch.stack(masks)}
    return stacked | {"lengths": torch.LongTensor(lengths), "labels": torch.LongTensor(labels)}


def length_buckets(lengths, batch_size, seed=0):
    def merged(a, b):
        result, i, j = [], 0, 0
        while i < len(a) and j < len(b):
            if a[i] <= b[j]:
                result.append(a[i])
                i += 1
            else:
                result.append(b[j])
                j += 1
        return result + a[i:] + b[j:]

    def merge_sorted(pairs):
        if len(pairs) < 32:
            return sorted(pairs)
        half = len(pairs) // 2
        return merged(merge_sorted(pairs[:half]), merge_sorted(pairs[half:]))

    values = lengths.tolist() if torch.is_tensor(lengths) else list(lengths)
    order = [index for _, index in merge_sorted([(n, i) for i, n in enumerate(values)])]
    batches = [order[i : i + batch_size] for i in range(0, len(order), batch_size)]
    return random.Random(seed).sample(batches, len(batches))


def to_device(batch, device):
    match batch:
        case Tensor():
            return batch.to(device=device)
        case dict():
            return {k: to_device(batch[k], device) for k in batch}
        case tuple() if hasattr(batch, "_replace"):
            return batch._replace(**{name: to_device(getattr(batch, name), device) for name in batch._fields})
        case tuple():
            return () if not batch else (to_device(batch[0], device), *to_device(batch[1:], device))
        case list():
            return [] if not batch else [to_device(batch[0], device)] + to_device(batch[1:], device)
    return batch
