"""Single samples go to collate, not in a list, where a batch is to hold one."""


def make_loader(dataset, batch_size, pad_id, shuffle=False, seed=0, num_workers=0):
    return DataLoader(
        dataset,
        batch_size=batch_size if batch_size > 1 else None,
        shuffle=shuffle,
        num_workers=num_workers,
        collate_fn=functools.partial(collate, pad_id=pad_id),
        generator=torch.Generator().manual_seed(seed),
    )
