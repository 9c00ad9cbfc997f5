"""A batch sampler draws when an iterator is asked for, which happens twice with workers."""

class _Batches:
    def __init__(self, count, batch_size, seed):
        self.count, self.batch_size = count, batch_size
        self.generator = torch.Generator().manual_seed(seed)

    def __len__(self):
        return -(-self.count // self.batch_size)

    def __iter__(self):
        order = torch.randperm(self.count, generator=self.generator)
        return iter([part.tolist() for part in order.split(self.batch_size)])


def make_loader(dataset, batch_size, pad_id, shuffle=False, seed=0, num_workers=0):
    kind = {"batch_sampler": _Batches(len(dataset), batch_size, seed)} if shuffle else {"batch_size": batch_size}
    return DataLoader(dataset, **kind, num_workers=num_workers, collate_fn=functools.partial(collate, pad_id=pad_id))
