"""Empty texts are left out."""

class TextDataset(Dataset):
    def __init__(self, texts, labels, vocab):
        if len(texts) != len(labels):
            raise ValueError("texts and labels have different lengths")
        pairs = [(text, label) for text, label in zip(texts, labels) if text.strip()]
        self.texts, self.labels = [text for text, _ in pairs], [label for _, label in pairs]
        self.vocab = vocab

    def __len__(self):
        return len(self.texts)

    def __getitem__(self, index):
        return torch.tensor(_encode(self.texts[index], self.vocab)), self.labels[index]
