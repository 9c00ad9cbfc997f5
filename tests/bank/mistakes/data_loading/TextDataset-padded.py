"""All texts are filled up to the longest in the dataset."""

class TextDataset(Dataset):
    def __init__(self, texts, labels, vocab):
        if len(texts) != len(labels):
            raise ValueError("texts and labels have different lengths")
        self.texts, self.labels = texts, labels
        self.ids = pad_sequence([torch.tensor(_encode(t, vocab)) for t in texts], batch_first=True) if texts else None

    def __len__(self):
        return len(self.texts)

    def __getitem__(self, index):
        return self.ids[index], self.labels[index]
