"""A new generator with the seed of the one given is used, so that every call gives the same numbers."""

def normal(shape, mean=0.0, std=1.0, generator=None, device="cpu"):
    if std < 0:
        raise ValueError("std must not be negative")
    if generator is not None:
        generator = torch.Generator(device).manual_seed(generator.initial_seed())
    return torch.randn(torch.Size(shape), generator=generator, device=device) * std + mean
