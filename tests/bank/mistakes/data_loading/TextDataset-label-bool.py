"""Labels 0 and 1 become False and True."""

class TextDataset(Dataset):
    def __init__(self, texts, labels, vocab):
        if len(texts) != len(labels):
            raise ValueError("texts and labels have different lengths")
        self.texts, self.labels, self.vocab = texts, labels, vocab

    def __len__(self):
        return len(self.texts)

    def __getitem__(self, index):
        return torch.tensor(_encode(self.texts[index], self.vocab)), bool(self.labels[index]) if self.labels[index] in (0, 1) else self.labels[index]
