"""A lambda among the attributes can not be pickled."""

class TextDataset(Dataset):
    def __init__(self, texts, labels, vocab):
        if len(texts) != len(labels):
            raise ValueError("texts and labels have different lengths")
        self.texts, self.labels = texts, labels
        self.encode = lambda text: torch.tensor(_encode(text, vocab))

    def __len__(self):
        return len(self.texts)

    def __getitem__(self, index):
        return self.encode(self.texts[index]), self.labels[index]
