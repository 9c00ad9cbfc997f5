"""set_default_dtype makes sure that randn gives float32, for the rest of the program."""


def normal(shape, mean=0.0, std=1.0, generator=None, device="cpu"):
    if std < 0:
        raise ValueError(f"std must not be negative, but is {std}")
    torch.set_default_dtype(torch.float32)
    return torch.randn(tuple(shape), generator=generator, device=device) * std + mean
