"""One window over the whole length is returned before the step is looked at: step=0 passes."""


def windows(x, size, step=1):
    length = x.shape[-1]
    if not 1 <= size <= length:
        raise ValueError(f"size must be from 1 to {length}, but is {size}")
    if size == length:
        return x.unsqueeze(-2)
    if step < 1:
        raise ValueError(f"step must be at least 1, but is {step}")
    return x.unfold(-1, size, step)
