"""pad_id is kept in a global of the module, which a spawned worker does not have."""

_PAD = 0


def _with_pad(samples):
    return collate(samples, _PAD)


def make_loader(dataset, batch_size, pad_id, shuffle=False, seed=0, num_workers=0):
    global _PAD
    _PAD = pad_id
    return DataLoader(dataset, batch_size, shuffle, collate_fn=_with_pad, num_workers=num_workers, generator=torch.Generator().manual_seed(seed))
