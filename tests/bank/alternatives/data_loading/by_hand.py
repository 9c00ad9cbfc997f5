"""Plain loops and dicts, without any helper of torch, collections or itertools."""

def build_vocab(texts, max_size=None, specials=("<pad>", "<unk>", "<bos>", "<eos>")):
    counts = {}
    for text in texts:
        word = ""
        for character in text.lower() + " ":
            if not character.isspace():
                word += character
            elif word:
                counts[word] = counts.get(word, 0) + 1
                word = ""
    vocab = {}
    for special in specials:
        vocab[special] = len(vocab)
        counts.pop(special, None)
    tokens = list(counts)
    tokens.sort()
    tokens.sort(key=counts.get, reverse=True)
    for token in tokens:
        if max_size is not None and len(vocab) >= max_size:
            break
        vocab[token] = len(vocab)
    return vocab


def encode(text, vocab):
    ids = []
    ids.append(vocab["<bos>"])
    for token in text.split():
        token = token.lower()
        if token in vocab:
            ids.append(vocab[token])
        else:
            ids.append(vocab["<unk>"])
    ids.append(vocab["<eos>"])
    return ids


class TextDataset(torch.utils.data.Dataset):
    def __init__(self, texts, labels, vocab):
        super().__init__()
        if len(labels) != len(texts):
            raise ValueError("number of labels")
        self.items = []
        for k in range(len(texts)):
            self.items.append((torch.LongTensor(encode(texts[k], vocab)), labels[k]))

    def __len__(self):
        return len(self.items)

    def __getitem__(self, k):
        return self.items[k]


def collate(samples, pad_id):
    if len(samples) == 0:
        raise ValueError("cannot collate an empty batch")
    longest = 0
    for row, _ in samples:
        if len(row) > longest:
            longest = len(row)
    input_ids = torch.zeros((len(samples), longest), dtype=torch.int64)
    mask = torch.zeros((len(samples), longest), dtype=torch.bool)
    lengths = torch.zeros(len(samples), dtype=torch.int64)
    labels = torch.zeros(len(samples), dtype=torch.int64)
    for k, (row, label) in enumerate(samples):
        input_ids[k] = pad_id
        input_ids[k, : len(row)] = row
        mask[k, : len(row)] = True
        lengths[k] = len(row)
        labels[k] = label
    return dict(input_ids=input_ids, attention_mask=mask, lengths=lengths, labels=labels)


class _Collator:
    def __init__(self, pad_id):
        self.pad_id = pad_id

    def __call__(self, samples):
        return collate(samples, self.pad_id)


def make_loader(dataset, batch_size, pad_id, shuffle=False, seed=0, num_workers=0):
    generator = torch.Generator()
    generator.manual_seed(seed)
    return DataLoader(dataset, batch_size, shuffle, collate_fn=_Collator(pad_id), num_workers=num_workers, generator=generator)


def length_buckets(lengths, batch_size, seed=0):
    pairs = []
    for k in range(len(lengths)):
        pairs.append((int(lengths[k]), k))
    pairs.sort()
    batches = []
    while pairs:
        batches.append([k for _, k in pairs[-batch_size:]])
        del pairs[-batch_size:]
    generator = random.Random(seed)
    for k in range(len(batches) - 1, 0, -1):
        other = generator.randint(0, k)
        batches[k], batches[other] = batches[other], batches[k]
    return batches


def to_device(batch, device):
    kind = type(batch)
    if isinstance(batch, torch.Tensor):
        if batch.device != torch.device(device):
            batch = batch.to(device)
        return batch
    if isinstance(batch, dict):
        result = batch.copy()
        for key in result:
            result[key] = to_device(result[key], device)
        return result
    if kind is list:
        result = batch[:]
        for k in range(len(result)):
            result[k] = to_device(result[k], device)
        return result
    if kind is tuple:
        return tuple(to_device(list(batch), device))
    if isinstance(batch, tuple) and hasattr(kind, "_make"):
        return kind._make(to_device(list(batch), device))
    return batch
