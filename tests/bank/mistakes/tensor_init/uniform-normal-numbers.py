"""torch.randn is taken for torch.rand."""

def uniform(shape, low=0.0, high=1.0, generator=None, device="cpu"):
    if low > high:
        raise ValueError("low must not be greater than high")
    return torch.randn(torch.Size(shape), generator=generator, device=device) * (high - low) + low
