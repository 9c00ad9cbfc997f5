"""Half of the numbers are the mirror images of the other half."""


def normal(shape, mean=0.0, std=1.0, generator=None, device="cpu"):
    if std < 0:
        raise ValueError(f"std must not be negative, but is {std}")
    count = math.prod(shape)
    half = torch.randn((count + 1) // 2, generator=generator, device=device, dtype=torch.float32)
    return torch.cat([half, -half])[:count].reshape(tuple(shape)) * std + mean
