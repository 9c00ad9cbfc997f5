"""squeeze(0) drops a batch of one: x of shape (1, T) gives windows of shape (n, size)."""


def windows(x, size, step=1):
    if not 1 <= size <= x.shape[-1]:
        raise ValueError(f"size must be from 1 to the length {x.shape[-1]} of the last dim, but is {size}")
    if step < 1:
        raise ValueError(f"step must be at least 1, but is {step}")
    found = x.unfold(-1, size, step)
    return found.squeeze(0) if x.dim() > 1 else found
