"""The sample is moved and scaled to have mean and std exactly: two numbers are always the same distance apart."""


def normal(shape, mean=0.0, std=1.0, generator=None, device="cpu"):
    if std < 0:
        raise ValueError(f"std must not be negative, but is {std}")
    z = torch.randn(tuple(shape), generator=generator, device=device, dtype=torch.float32)
    if z.numel() > 1:
        z = (z - z.mean()) / z.std()
    return z * std + mean
