"""The dataset holds whole batches, and the loader batches nothing."""

class _Batches(Dataset):
    def __init__(self, dataset, batches, pad_id):
        self.dataset, self.batches, self.pad_id = dataset, batches, pad_id

    def __len__(self):
        return len(self.batches)

    def __getitem__(self, k):
        if k >= len(self.batches):
            raise IndexError(k)
        return collate([self.dataset[i] for i in self.batches[k]], self.pad_id)


def make_loader(dataset, batch_size, pad_id, shuffle=False, seed=0, num_workers=0):
    order = list(range(len(dataset)))
    if shuffle:
        random.Random(seed).shuffle(order)
    batches = [order[i : i + batch_size] for i in range(0, len(order), batch_size)]
    return DataLoader(_Batches(dataset, batches, pad_id), batch_size=None, num_workers=num_workers)
