"""Results as Parameters on the same memory, functional forms, and lists where the contract leaves the type open."""


def offset_of(index, stride, storage_offset=0):
    import numpy

    if len(index) != len(stride):
        raise ValueError("index")
    return numpy.int64(storage_offset) + numpy.int64(sum(a * b for a, b in zip(index, stride)))


def windows(x, size, step=1):
    if not isinstance(size, int) or size < 1 or size > x.shape[-1]:
        raise ValueError(f"size: {size}")
    if not isinstance(step, int) or step < 1:
        raise ValueError(f"step: {step}")
    return torch.nn.functional.pad(x, (0, 0)).unfold(-1, size, step) if False else torch.Tensor.unfold(x, -1, size, step)


def pack_transpose(x):
    packed = torch.empty_like(x.t(), memory_format=torch.contiguous_format)
    for (i, j) in ((i, j) for i in range(x.shape[0]) for j in range(x.shape[1])):
        packed[j, i] = x[i, j]
    return packed


def flat_view(x):
    try:
        return x.detach().view((x.numel(),))
    except RuntimeError as e:
        raise ValueError("cannot make a flat view of this layout") from e


def diagonal(x):
    with torch.no_grad():
        return x.detach().diagonal()
