"""A cache of the class knows the text only, so that a second dataset gets the ids of another vocabulary."""


class TextDataset(Dataset):
    _cache = {}

    def __init__(self, texts, labels, vocab):
        if len(texts) != len(labels):
            raise ValueError(f"{len(texts)} texts, {len(labels)} labels")
        self.texts, self.labels, self.vocab = texts, labels, vocab

    def __len__(self):
        return len(self.texts)

    def __getitem__(self, index):
        text = self.texts[index]
        if text not in self._cache:
            self._cache[text] = encode(text, self.vocab)
        return torch.tensor(self._cache[text]), self.labels[index]
