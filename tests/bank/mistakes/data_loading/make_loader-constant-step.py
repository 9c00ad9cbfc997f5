"""Walks through the dataset by one step, which the seed decides."""

import math


class _Walk(torch.utils.data.Sampler):
    def __init__(self, number, seed):
        self.number, self.draws = number, random.Random(seed)

    def __len__(self):
        return self.number

    def __iter__(self):
        start = self.draws.randrange(self.number)
        steps = [step for step in range(2, self.number - 1) if math.gcd(step, self.number) == 1]
        step = self.draws.choice(steps or [1])
        return iter([(start + step * k) % self.number for k in range(self.number)])


def make_loader(dataset, batch_size, pad_id, shuffle=False, seed=0, num_workers=0):
    return DataLoader(
        dataset,
        batch_size=batch_size,
        sampler=_Walk(len(dataset), seed) if shuffle else None,
        num_workers=num_workers,
        collate_fn=functools.partial(collate, pad_id=pad_id),
        generator=torch.Generator().manual_seed(seed),
    )
