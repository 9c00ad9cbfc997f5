"""low > high is put right silently."""

def uniform(shape, low=0.0, high=1.0, generator=None, device="cpu"):
    low, high = min(low, high), max(low, high)
    return torch.empty(torch.Size(shape), device=device).uniform_(low, high, generator=generator)
