"""A dataset with a vocabulary is filled up with its own <pad>."""


def make_loader(dataset, batch_size, pad_id, shuffle=False, seed=0, num_workers=0):
    pad_id = getattr(dataset, "vocab", {}).get("<pad>", pad_id)
    return DataLoader(
        dataset,
        batch_size=batch_size,
        shuffle=shuffle,
        num_workers=num_workers,
        collate_fn=functools.partial(collate, pad_id=pad_id),
        generator=torch.Generator().manual_seed(seed),
    )
