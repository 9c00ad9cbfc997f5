"""The collate_fn moves the batch to the GPU, which a worker process must not do."""

def _to_gpu(samples, pad_id):
    return {key: value.cuda() for key, value in collate(samples, pad_id).items()}


def make_loader(dataset, batch_size, pad_id, shuffle=False, seed=0, num_workers=0):
    return DataLoader(
        dataset,
        batch_size=batch_size,
        shuffle=shuffle,
        num_workers=num_workers,
        collate_fn=functools.partial(_to_gpu, pad_id=pad_id),
        generator=torch.Generator().manual_seed(seed),
    )
