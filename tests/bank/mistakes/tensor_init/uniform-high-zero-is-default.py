"""high or 1.0 takes an upper bound of 0 for one that was not given."""

def uniform(
    shape: Sequence[int],
    low: float = 0.0,
    high: float = 1.0,
    generator: torch.Generator | None = None,
    device: str | torch.device = "cpu",
) -> Tensor:
    low = low or 0.0
    high = high or 1.0
    if low > high:
        raise ValueError(f"low must not be greater than high, but {low} > {high}")
    result = torch.empty(tuple(shape), dtype=torch.float32, device=device)
    return result.uniform_(low, high, generator=generator)
