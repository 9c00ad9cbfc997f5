"""The short cut for the default bounds calls torch.rand without the generator."""


def uniform(shape, low=0.0, high=1.0, generator=None, device="cpu"):
    if low > high:
        raise ValueError(f"low must not be greater than high, but {low} > {high}")
    if low == 0.0 and high == 1.0:
        return torch.rand(tuple(shape), dtype=torch.float32, device=device)
    result = torch.empty(tuple(shape), dtype=torch.float32, device=device)
    return result.uniform_(low, high, generator=generator)
