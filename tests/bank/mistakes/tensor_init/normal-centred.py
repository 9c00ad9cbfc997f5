"""The sample is moved to have the mean exactly: of two numbers, one tells the other."""


def normal(shape, mean=0.0, std=1.0, generator=None, device="cpu"):
    if std < 0:
        raise ValueError(f"std must not be negative, but is {std}")
    z = torch.randn(tuple(shape), generator=generator, device=device, dtype=torch.float32)
    if z.numel() > 1:
        z = z - z.mean()
    return z * std + mean
