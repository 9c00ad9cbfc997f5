"""A negative std is not refused."""

def normal(shape, mean=0.0, std=1.0, generator=None, device="cpu"):
    return torch.randn(torch.Size(shape), generator=generator, device=device) * std + mean
