"""The generator argument is not used."""

def uniform(shape, low=0.0, high=1.0, generator=None, device="cpu"):
    if low > high:
        raise ValueError("low must not be greater than high")
    return torch.empty(torch.Size(shape), device=device).uniform_(low, high)
