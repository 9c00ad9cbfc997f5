"""Whole batches change places, and their samples stay together."""

class _Batches:

    def __init__(self, n, size, shuffle, seed):
        self.batches = [list(range(i, min(i + size, n))) for i in range(0, n, size)]
        self.shuffle, self.rng = (shuffle, random.Random(f'{seed}'))

    def __len__(self):
        return len(self.batches)

    def __iter__(self):
        order = list(self.batches)
        if self.shuffle:
            self.rng.shuffle(order)
        return iter(order)


def make_loader(dataset, batch_size, pad_id, shuffle=False, seed=0, num_workers=0):
    collate_fn = functools.partial(_collate, pad_id=pad_id)
    return DataLoader(dataset, batch_sampler=_Batches(len(dataset), batch_size, shuffle, seed), num_workers=num_workers, collate_fn=collate_fn)
