"""float64, from NumPy's habit."""

def normal(shape, mean=0.0, std=1.0, generator=None, device="cpu"):
    if std < 0:
        raise ValueError("std must not be negative")
    return torch.randn(torch.Size(shape), generator=generator, device=device, dtype=torch.float64) * std + mean
