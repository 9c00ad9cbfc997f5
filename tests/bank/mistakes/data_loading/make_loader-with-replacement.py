"""A sampler with replacement repeats samples."""

def make_loader(dataset, batch_size, pad_id, shuffle=False, seed=0, num_workers=0):
    generator = torch.Generator().manual_seed(seed)
    sampler = torch.utils.data.RandomSampler(dataset, replacement=True, generator=generator) if shuffle else None
    return DataLoader(
        dataset,
        batch_size=batch_size,
        sampler=sampler,
        num_workers=num_workers,
        collate_fn=functools.partial(collate, pad_id=pad_id),
        generator=torch.Generator().manual_seed(seed),
    )
