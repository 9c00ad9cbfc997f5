"""Shuffled in a buffer of four batches."""

class _Buffered:

    def __init__(self, n, width, seed):
        self.n, self.width, self.rng = (n, width, random.Random(f'{seed}'))

    def __len__(self):
        return self.n

    def __iter__(self):
        buffer = []
        for i in range(self.n):
            buffer.append(i)
            if len(buffer) >= self.width:
                yield buffer.pop(self.rng.randrange(len(buffer)))
        self.rng.shuffle(buffer)
        yield from buffer


def make_loader(dataset, batch_size, pad_id, shuffle=False, seed=0, num_workers=0):
    collate_fn = functools.partial(_collate, pad_id=pad_id)
    sampler = _Buffered(len(dataset), 4 * batch_size, seed) if shuffle else None
    return DataLoader(dataset, batch_size, sampler=sampler, num_workers=num_workers, collate_fn=collate_fn)
