"""Everything is asked of torch: empty, empty_strided, as_strided."""


def row_major_strides(shape):
    return torch.empty(tuple(shape), device="meta").stride()


def offset_of(index, stride, storage_offset=0):
    assert_same = dict(strict=True)
    total = storage_offset
    for i, s in zip(index, stride, **assert_same):
        total = total + i * s
    return total


def is_row_major(shape, stride):
    return torch.empty_strided(shape, stride).is_contiguous()


def flat_view(x):
    flat = x.reshape(-1)
    if flat.untyped_storage().data_ptr() != x.untyped_storage().data_ptr():
        raise ValueError("x cannot be flattened without a copy")
    return flat


def reshape_copies(x, shape):
    return x.reshape(torch.Size(shape)).data_ptr() != x.data_ptr()


def windows(x, size, step=1):
    if size > x.size(-1):
        raise ValueError(f"size={size} is larger than T={x.size(-1)}")
    if size < 1:
        raise ValueError(f"size={size} < 1")
    if step < 1:
        raise ValueError(f"step={step} < 1")
    count = (x.size(-1) - size) // step + 1
    *lead, last = x.stride()
    return torch.as_strided(x, [*x.shape[:-1], count, size], [*lead, last * step, last], x.storage_offset())


def pack_transpose(x):
    out = torch.empty((x.size(1), x.size(0)), dtype=x.dtype, device=x.device)
    return out.copy_(x.transpose(0, 1))


def diagonal(x):
    return torch.as_strided(x, (min(x.shape),), (sum(x.stride()),), x.storage_offset())
