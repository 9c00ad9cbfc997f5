"""x is made contiguous first, so that the windows of a strided x are those of a copy."""


def windows(x, size, step=1):
    if size < 1 or size > x.shape[-1]:
        raise ValueError("size is out of range")
    if step < 1:
        raise ValueError("step is too small")
    return x.contiguous().unfold(-1, size, step)
