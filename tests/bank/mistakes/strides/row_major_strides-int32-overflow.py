"""The running product is an int32, which ends at 2**31 - 1."""


def row_major_strides(shape):
    sizes = torch.tensor([1, *(max(size, 1) for size in reversed(shape))], dtype=torch.int32)
    return tuple(sizes[:-1].cumprod(0, dtype=torch.int32).flip(0).tolist())
