"""itertools, functools and Parameters."""
from functools import reduce
from itertools import accumulate
from operator import mul


def row_major_strides(shape):
    return torch.Size(tuple(accumulate((max(n, 1) for n in tuple(shape)[:0:-1]), mul, initial=1))[::-1] if len(shape) else ())


def offset_of(index, stride, storage_offset=0):
    return sum(map(mul, index, stride), start=storage_offset) if len(index) == len(stride) else _fail()


def _fail():
    raise ValueError("no")


def is_row_major(shape, stride):
    elements = reduce(mul, shape, 1)
    if elements == 0:
        return True
    kept = [(n, s) for n, s in zip(shape, stride) if n != 1]
    return tuple(s for _, s in kept) == row_major_strides([n for n, _ in kept])


class _NotFlat(ValueError):
    pass


def flat_view(x):
    if reshape_copies(x, (x.numel(),)):
        raise _NotFlat("x is not flat in memory; view size is not compatible")
    return x.reshape(x.numel())


def reshape_copies(x, shape):
    try:
        x.view(*shape) if len(shape) else x.view(())
    except Exception:
        return True
    else:
        return False


def windows(x, size, step=1):
    if size < 1 or step < 1 or size > x.shape[-1]:
        raise ValueError("size and step must be at least 1, and size at most T")
    return x.unfold(-1, size, 1)[..., ::step, :]


def pack_transpose(x):
    return torch.clone(x.mT, memory_format=torch.contiguous_format)


def diagonal(x):
    return torch.diagonal(x, offset=0, dim1=-2, dim2=-1)
