"""Without a generator, a new one with torch's default seed is used in every call."""

def normal(shape, mean=0.0, std=1.0, generator=None, device="cpu"):
    if std < 0:
        raise ValueError("std must not be negative")
    generator = generator or torch.Generator(device)
    return torch.randn(torch.Size(shape), generator=generator, device=device) * std + mean
