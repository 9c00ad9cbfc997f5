"""Nothing is cut or copied, but a loop over the windows counts them."""


def windows(x, size, step=1):
    length = x.shape[-1]
    if not 1 <= size <= length:
        raise ValueError(f"size must be from 1 to {length}, but is {size}")
    if step < 1:
        raise ValueError(f"step must be at least 1, but is {step}")
    count = 0
    for start in range(0, length, step):
        if start + size <= length:
            count += 1
    return x.as_strided((*x.shape[:-1], count, size), (*x.stride()[:-1], step * x.stride(-1), x.stride(-1)))
