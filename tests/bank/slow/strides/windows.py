"""A loop cuts every window out, though only to count them: the view itself is right."""


def windows(x, size, step=1):
    if not 1 <= size <= x.shape[-1]:
        raise ValueError("size is out of range")
    if step < 1:
        raise ValueError("step is too small")
    pieces = []
    for start in range(0, x.shape[-1] - size + 1, step):
        pieces.append(x[..., start : start + size])
    shape = (*x.shape[:-1], len(pieces), size)
    return x.as_strided(shape, (*x.stride()[:-1], step * x.stride(-1), x.stride(-1)))
