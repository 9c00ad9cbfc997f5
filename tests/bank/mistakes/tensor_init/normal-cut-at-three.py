"""The tails are cut off at three standard deviations."""


def normal(shape, mean=0.0, std=1.0, generator=None, device="cpu"):
    if std < 0:
        raise ValueError("std must not be negative")
    result = torch.empty(tuple(shape), dtype=torch.float32, device=device).normal_(0.0, 1.0, generator=generator)
    return result.clamp_(-3, 3) * std + mean
