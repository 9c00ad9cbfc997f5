"""The labels are copied by their method copy, which a list has and a tuple has not."""


class TextDataset(Dataset[Sample]):
    def __init__(self, texts, labels, vocab):
        if len(texts) != len(labels):
            raise ValueError("texts and labels differ in number")
        self.texts = list(texts)
        self.labels = labels.copy()
        self.vocab = dict(vocab)

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, index):
        return torch.tensor(_encode(self.texts[index], self.vocab)), self.labels[index]
