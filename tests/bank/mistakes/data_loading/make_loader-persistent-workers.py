"""Persistent workers keep the base seed of the first pass, so that later passes differ from those without workers."""

def make_loader(dataset, batch_size, pad_id, shuffle=False, seed=0, num_workers=0):
    return DataLoader(
        dataset,
        batch_size=batch_size,
        shuffle=shuffle,
        num_workers=num_workers,
        collate_fn=functools.partial(collate, pad_id=pad_id),
        persistent_workers=num_workers > 0,
        generator=torch.Generator().manual_seed(seed),
    )
