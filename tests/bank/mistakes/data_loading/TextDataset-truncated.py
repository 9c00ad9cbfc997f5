"""Cuts the ids of a text to 512, as many models take no more."""


class TextDataset(Dataset[Sample]):
    def __init__(self, texts, labels, vocab):
        if len(texts) != len(labels):
            raise ValueError(f"there are {len(texts)} texts, but {len(labels)} labels")
        self.texts, self.labels, self.vocab = texts, labels, vocab

    def __len__(self):
        return len(self.texts)

    def __getitem__(self, index):
        return torch.tensor(encode(self.texts[index], self.vocab)[:512]), self.labels[index]
