"""The ValueError says only that something is wrong."""

def uniform(shape, low=0.0, high=1.0, generator=None, device="cpu"):
    if low > high:
        raise ValueError("bad arguments")
    return torch.empty(torch.Size(shape), device=device).uniform_(low, high, generator=generator)
