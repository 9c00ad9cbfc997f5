"""Labels are kept in a NumPy array and come out of it as np.int64."""

class TextDataset(Dataset[Sample]):

    def __init__(self, texts, labels, vocab):
        if len(texts) != len(labels):
            raise ValueError(f'there are {len(texts)} texts, but {len(labels)} labels')
        import numpy as np
        self.texts, self.labels, self.vocab = (texts, np.array(labels, dtype=np.int64), vocab)

    def __len__(self):
        return len(self.texts)

    def __getitem__(self, index):
        return (torch.tensor(_encode(self.texts[index], self.vocab)), self.labels[index])
