"""torch.randint draws whole numbers only."""

def uniform(shape, low=0.0, high=1.0, generator=None, device="cpu"):
    if low > high:
        raise ValueError("low must not be greater than high")
    if low == high:
        return torch.full(torch.Size(shape), low, device=device)
    numbers = torch.randint(math.floor(low), math.ceil(high) + 1, torch.Size(shape), generator=generator, device=device)
    return numbers.float().clamp(low, high)
