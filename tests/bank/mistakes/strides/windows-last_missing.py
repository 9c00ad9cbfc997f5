"""The number of windows is one too small: + 1 is forgotten."""


def windows(x, size, step=1):
    if size < 1 or size > x.shape[-1]:
        raise ValueError("size is out of range")
    if step < 1:
        raise ValueError("step is too small")
    n = (x.shape[-1] - size) // step
    return x.as_strided((*x.shape[:-1], n, size), (*x.stride()[:-1], step * x.stride(-1), x.stride(-1)))
