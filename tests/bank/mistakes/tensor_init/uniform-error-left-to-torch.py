"""low > high is left to torch, which raises a RuntimeError."""

def uniform(shape, low=0.0, high=1.0, generator=None, device="cpu"):
    return torch.empty(torch.Size(shape), device=device).uniform_(low, high, generator=generator)
