"""The device argument is not used."""

def uniform(shape, low=0.0, high=1.0, generator=None, device="cpu"):
    if low > high:
        raise ValueError("low must not be greater than high")
    if generator is not None and generator.device.type != "cpu":
        generator = None
    return torch.empty(torch.Size(shape)).uniform_(low, high, generator=generator)
