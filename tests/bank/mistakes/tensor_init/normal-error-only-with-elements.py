"""A negative std is refused only where there is something to draw."""


def normal(shape, mean=0.0, std=1.0, generator=None, device="cpu"):
    result = torch.empty(tuple(shape), dtype=torch.float32, device=device)
    if result.numel() and std < 0:
        raise ValueError(f"std must not be negative, but is {std}")
    return result.normal_(mean, abs(std), generator=generator)
