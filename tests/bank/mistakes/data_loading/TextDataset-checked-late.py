"""Compares the numbers of texts and labels when the length is asked for, not when the dataset is made."""


class TextDataset(Dataset[Sample]):
    def __init__(self, texts, labels, vocab):
        self.texts, self.labels, self.vocab = texts, labels, vocab

    def __len__(self):
        if len(self.texts) != len(self.labels):
            raise ValueError(f"there are {len(self.texts)} texts, but {len(self.labels)} labels")
        return len(self.texts)

    def __getitem__(self, index):
        return torch.tensor(encode(self.texts[index], self.vocab)), self.labels[index]
