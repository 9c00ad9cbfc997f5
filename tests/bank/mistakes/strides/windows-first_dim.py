"""The windows go over the first dim."""


def windows(x, size, step=1):
    if not 1 <= size <= x.shape[-1]:
        raise ValueError("size")
    if step < 1:
        raise ValueError("step")
    return x.unfold(0, size, step)
