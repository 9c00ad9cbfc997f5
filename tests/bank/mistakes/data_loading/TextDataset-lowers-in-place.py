"""The list of texts that was given is lower-cased in place."""

class TextDataset(Dataset):
    def __init__(self, texts, labels, vocab):
        if len(texts) != len(labels):
            raise ValueError("texts and labels have different lengths")
        if isinstance(texts, list):
            for number, text in enumerate(texts):
                texts[number] = text.lower()
        self.texts, self.labels, self.vocab = texts, labels, vocab

    def __len__(self):
        return len(self.texts)

    def __getitem__(self, index):
        return torch.tensor(_encode(self.texts[index], self.vocab)), self.labels[index]
