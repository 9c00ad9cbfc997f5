"""torch.rand is taken for torch.randn."""

def normal(shape, mean=0.0, std=1.0, generator=None, device="cpu"):
    if std < 0:
        raise ValueError("std must not be negative")
    return torch.rand(torch.Size(shape), generator=generator, device=device) * std + mean
