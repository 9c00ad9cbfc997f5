"""A window as long as the last dim is refused."""


def windows(x, size, step=1):
    if size < 1 or size >= x.shape[-1]:
        raise ValueError("size is out of range")
    if step < 1:
        raise ValueError("step is too small")
    return x.unfold(-1, size, step)
