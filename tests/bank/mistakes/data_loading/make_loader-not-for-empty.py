"""The size of a batch is at most that of the dataset, which may be 0."""


def make_loader(dataset, batch_size, pad_id, shuffle=False, seed=0, num_workers=0):
    return DataLoader(
        dataset,
        batch_size=min(batch_size, len(dataset)),
        shuffle=shuffle,
        num_workers=num_workers,
        collate_fn=functools.partial(collate, pad_id=pad_id),
        generator=torch.Generator().manual_seed(seed),
    )
