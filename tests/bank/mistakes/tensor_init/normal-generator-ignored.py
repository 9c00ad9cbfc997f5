"""The generator argument is not used."""

def normal(shape, mean=0.0, std=1.0, generator=None, device="cpu"):
    if std < 0:
        raise ValueError("std must not be negative")
    return torch.randn(torch.Size(shape), device=device) * std + mean
