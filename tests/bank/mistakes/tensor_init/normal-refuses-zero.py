"""std = 0 is refused too."""

def normal(shape, mean=0.0, std=1.0, generator=None, device="cpu"):
    if std <= 0:
        raise ValueError("std must be positive")
    return torch.randn(torch.Size(shape), generator=generator, device=device) * std + mean
