"""The global generator is seeded with the generator's seed."""

def normal(shape, mean=0.0, std=1.0, generator=None, device="cpu"):
    if std < 0:
        raise ValueError("std must not be negative")
    if generator is not None:
        torch.manual_seed(generator.initial_seed())
    return torch.randn(torch.Size(shape), device=device) * std + mean
