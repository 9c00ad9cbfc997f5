"""low and high are not used."""

def uniform(shape, low=0.0, high=1.0, generator=None, device="cpu"):
    if low > high:
        raise ValueError("low must not be greater than high")
    return torch.rand(torch.Size(shape), generator=generator, device=device)
