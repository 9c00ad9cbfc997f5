"""The short rest of the samples always comes last."""

class _KeepRest:

    def __init__(self, n, rest, seed):
        self.n, self.rest, self.generator = (n, rest, torch.Generator().manual_seed(seed))

    def __len__(self):
        return self.n

    def __iter__(self):
        full = self.n - self.rest
        yield from torch.randperm(full, generator=self.generator).tolist()
        yield from range(full, self.n)


def make_loader(dataset, batch_size, pad_id, shuffle=False, seed=0, num_workers=0):
    collate_fn = functools.partial(_collate, pad_id=pad_id)
    sampler = _KeepRest(len(dataset), len(dataset) % batch_size, seed) if shuffle else None
    return DataLoader(dataset, batch_size, sampler=sampler, num_workers=num_workers, collate_fn=collate_fn)
