"""The bounds are compared by magnitude, so that an interval such as [-3, -1) is refused."""


def uniform(shape, low=0.0, high=1.0, generator=None, device="cpu"):
    if low > high or abs(low) > abs(high):
        raise ValueError(f"low must not be greater than high, but {low} > {high}")
    result = torch.empty(tuple(shape), dtype=torch.float32, device=device)
    return result.uniform_(low, high, generator=generator)
