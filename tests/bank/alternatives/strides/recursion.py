"""Recursive definitions and stride arithmetic by hand."""


def row_major_strides(shape):
    shape = tuple(shape)
    if not shape:
        return ()
    if len(shape) == 1:
        return (1,)
    behind = row_major_strides(shape[1:])
    return (behind[0] * (shape[1] or 1),) + behind


def offset_of(index, stride, storage_offset=0):
    index, stride = list(index), list(stride)
    if not index and not stride:
        return storage_offset
    if not index or not stride:
        raise ValueError("lengths differ")
    return index[0] * stride[0] + offset_of(index[1:], stride[1:], storage_offset)


def is_row_major(shape, stride):
    shape, stride = list(shape), list(stride)
    if any(n == 0 for n in shape):
        return True
    expected = 1
    while shape:
        n, s = shape.pop(), stride.pop()
        if n > 1:
            if s != expected:
                return False
            expected *= n
    return True


def _single_stride(x):
    step, count = None, 1
    for n, s in reversed(list(zip(x.shape, x.stride()))):
        if n == 1:
            continue
        if step is None:
            step = s
        elif s != step * count:
            return None
        count *= n
    return 1 if step is None else step


def flat_view(x):
    step = 1 if x.numel() == 0 else _single_stride(x)
    if step is None:
        raise ValueError("x: no single stride leads through all elements")
    return x.as_strided((x.numel(),), (step,))


def reshape_copies(x, shape):
    if x.numel() == 0:
        return False
    blocks = []
    for n, s in ((n, s) for n, s in zip(x.shape, x.stride()) if n != 1):
        if blocks and blocks[-1][1] == s * n:
            blocks[-1] = (blocks[-1][0] * n, s)
        else:
            blocks.append((n, s))
    sizes = [n for n in shape if n != 1]
    for n, _ in blocks:
        got = 1
        while got < n and sizes:
            got *= sizes.pop(0)
        if got != n:
            return True
    return False


def windows(x, size, step=1):
    if step < 1:
        raise ValueError("the step between windows is below 1")
    length = x.shape[-1]
    if not 0 < size <= length:
        raise ValueError("bad window size")
    return x.unfold(dimension=x.dim() - 1, size=size, step=step)


def pack_transpose(x):
    rows, columns = x.shape
    packed = x.new_zeros(columns, rows)
    for i in range(rows):
        packed[:, i] = x[i]
    return packed


def diagonal(x):
    n = min(x.shape)
    return x[:n, :n].diagonal(0, 0, 1)
