"""A sampler that gives the same order in every pass; worker_init_fn seeds the worker."""

class _Fixed(torch.utils.data.Sampler):
    def __init__(self, count, seed):
        self.count, self.seed = count, seed

    def __len__(self):
        return self.count

    def __iter__(self):
        return iter(random.Random(self.seed).sample(range(self.count), self.count))


def _init(seed, worker):
    random.seed(seed + worker)
    torch.manual_seed(seed + worker)


def make_loader(dataset, batch_size, pad_id, shuffle=False, seed=0, num_workers=0):
    options = {"persistent_workers": True, "prefetch_factor": 1} if num_workers else {}
    sampler = _Fixed(len(dataset), seed) if shuffle else torch.utils.data.SequentialSampler(dataset)
    return DataLoader(dataset, batch_size, sampler=sampler, num_workers=num_workers, worker_init_fn=functools.partial(_init, seed),
                      collate_fn=functools.partial(collate, pad_id=pad_id), **options)
