"""All rows are kept in one padded tensor, and what equals the padding is cut out again, also a <pad> of the text."""


class TextDataset(Dataset):
    def __init__(self, texts, labels, vocab):
        if len(texts) != len(labels):
            raise ValueError(f"{len(texts)} texts, {len(labels)} labels")
        self.pad = vocab.get("<pad>", -1)
        rows = [torch.tensor(encode(text, vocab)) for text in texts]
        self.ids = pad_sequence(rows, batch_first=True, padding_value=self.pad) if rows else []
        self.labels = labels

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, index):
        row = self.ids[index]
        return row[row != self.pad], self.labels[index]
