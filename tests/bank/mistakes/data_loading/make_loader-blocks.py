"""Blocks change places and are shuffled inside; the rest comes last."""

class _Blocks:

    def __init__(self, n, size, seed):
        self.blocks = [list(range(i, i + size)) for i in range(0, n - size + 1, size)]
        self.rest, self.rng = (list(range(n - n % size, n)), random.Random(f'{seed}'))

    def __len__(self):
        return sum(map(len, self.blocks)) + len(self.rest)

    def __iter__(self):
        self.rng.shuffle(self.blocks)
        for block in self.blocks:
            self.rng.shuffle(block)
            yield from block
        yield from self.rest


def make_loader(dataset, batch_size, pad_id, shuffle=False, seed=0, num_workers=0):
    collate_fn = functools.partial(_collate, pad_id=pad_id)
    sampler = _Blocks(len(dataset), batch_size, seed) if shuffle else None
    return DataLoader(dataset, batch_size, sampler=sampler, num_workers=num_workers, collate_fn=collate_fn)
