"""An inlined collation and an inlined encoding: no task leans on another; texts are walked by regular expressions."""

import re


def build_vocab(texts, max_size=None, specials=("<pad>", "<unk>", "<bos>", "<eos>")):
    counts = {}
    for text in texts:
        for match in re.finditer(r"\S+", text.lower()):
            counts[match[0]] = counts.get(match[0], 0) - 1
    vocab = dict(zip(specials, range(len(specials))))
    for count, token in sorted(zip(counts.values(), counts.keys())):
        if max_size is not None and max_size <= len(vocab):
            break
        vocab.setdefault(token, len(vocab))
    return vocab


def encode(text, vocab):
    return [vocab[t] if t in vocab else vocab["<unk>"] for t in re.split(r"\s+", f"<bos> {text.lower()} <eos>") if t]


class TextDataset(Dataset):
    def __init__(self, texts, labels, vocab):
        if len(texts) != len(labels):
            raise ValueError(f"got {len(texts)} texts and {len(labels)} labels")
        self.data = {i: (t, l) for i, (t, l) in enumerate(zip(texts, labels))}
        self.vocab = vocab

    def __len__(self):
        return len(self.data)

    def __getitem__(self, index):
        text, label = self.data[index]
        v = self.vocab
        return torch.tensor([v["<bos>"]] + [v.get(t, v["<unk>"]) for t in text.lower().split()] + [v["<eos>"]]), label


class _Padder:
    pad_id: int

    @classmethod
    def of(cls, pad_id):
        self = cls()
        self.pad_id = pad_id
        return self

    def pad(self, samples):
        n = [len(x) for x, _ in samples]
        ids = torch.full((len(n), max(n)), self.pad_id)
        mask = torch.zeros(ids.shape, dtype=torch.bool)
        for row, (x, _) in enumerate(samples):
            ids[row, : n[row]], mask[row, : n[row]] = x, True
        return {"input_ids": ids, "attention_mask": mask, "lengths": torch.tensor(n), "labels": torch.tensor([y for _, y in samples])}


def make_loader(dataset, batch_size, pad_id, shuffle=False, seed=0, num_workers=0):
    g = torch.Generator()
    g.manual_seed(seed)
    return DataLoader(dataset=dataset, batch_size=batch_size, shuffle=shuffle, generator=g if shuffle else None,
                      collate_fn=_Padder.of(pad_id).pad, num_workers=num_workers)
