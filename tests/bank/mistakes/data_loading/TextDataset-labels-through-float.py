"""Keeps the labels in a float32 tensor, so a label beyond 2**24 comes back as another int."""


class TextDataset(Dataset[Sample]):
    def __init__(self, texts, labels, vocab):
        if len(texts) != len(labels):
            raise ValueError(f"texts and labels differ in number: {len(texts)} and {len(labels)}")
        self.texts = list(texts)
        self.labels = torch.tensor(labels, dtype=torch.float32)
        self.vocab = vocab

    def __len__(self):
        return len(self.texts)

    def __getitem__(self, index):
        ids = torch.tensor(encode(self.texts[index], self.vocab), dtype=torch.long)
        return ids, int(self.labels[index])
