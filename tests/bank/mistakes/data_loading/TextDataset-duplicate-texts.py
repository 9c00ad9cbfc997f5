"""Keeps the labels in a dict by text, so of equal texts with different labels all get the last one's."""


class TextDataset(Dataset[Sample]):
    def __init__(self, texts, labels, vocab):
        if len(texts) != len(labels):
            raise ValueError(f"there are {len(texts)} texts, but {len(labels)} labels")
        self.texts = list(texts)
        self.label_of = dict(zip(texts, labels))
        self.vocab = vocab

    def __len__(self):
        return len(self.texts)

    def __getitem__(self, index):
        text = self.texts[index]
        return torch.tensor(encode(text, self.vocab)), self.label_of[text]
