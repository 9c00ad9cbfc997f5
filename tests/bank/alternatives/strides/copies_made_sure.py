"""Comparing storages by moving x to the meta device; transposes by gathering; windows by taking rows of unfold."""


def row_major_strides(shape):
    return torch.empty_permuted(tuple(shape), tuple(range(len(shape))), device="meta").stride()


def offset_of(index, stride, storage_offset=0):
    if len(stride) - len(index):
        raise ValueError(index, stride)
    for d in range(len(index)):
        storage_offset += index[d] * stride[d]
    return storage_offset


def is_row_major(shape, stride):
    return bool(torch.empty_strided(tuple(shape), tuple(stride), device="meta").is_contiguous())


def flat_view(x):
    if x.dim() == 1:
        return x
    if x.dim() == 0:
        return x.unsqueeze(0)
    try:
        return x.flatten() if x.is_contiguous() else x.view(x.numel())
    except RuntimeError as error:
        raise ValueError(str(error)) from error


def reshape_copies(x, shape):
    flat = x.reshape(shape)
    return flat.untyped_storage()._cdata != x.untyped_storage()._cdata


def windows(x, size, step=1):
    length = x.shape[-1]
    problems = [text for text, bad in (("size", size > length or size < 1), ("step", step < 1)) if bad]
    if problems:
        raise ValueError(f"out of range: {', '.join(problems)}")
    base = x.movedim(-1, 0)
    return base.unfold(0, size, step).movedim(0, -2)


def pack_transpose(x):
    columns = x.shape[1]
    if columns == 0 or x.shape[0] == 0:
        return x.new_empty(columns, x.shape[0])
    return torch.stack([x[:, j] for j in range(columns)])


def diagonal(x):
    n = min(x.shape)
    if n == 0:
        return x.flatten()[:0] if x.is_contiguous() else x.diagonal()
    return x.as_strided([n], [x.stride()[0] + x.stride()[1]])
