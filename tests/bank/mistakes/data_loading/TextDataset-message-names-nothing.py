"""The error says that sizes differ, but not of what."""

class TextDataset(Dataset[Sample]):

    def __init__(self, texts, labels, vocab):
        if len(texts) != len(labels):
            raise ValueError('sizes differ')
        self.texts, self.labels, self.vocab = (texts, labels, vocab)

    def __len__(self):
        return len(self.texts)

    def __getitem__(self, index):
        return (torch.tensor(_encode(self.texts[index], self.vocab)), self.labels[index])
