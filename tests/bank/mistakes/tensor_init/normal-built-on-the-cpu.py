"""The numbers are drawn on the CPU, then moved."""

def normal(shape, mean=0.0, std=1.0, generator=None, device="cpu"):
    if std < 0:
        raise ValueError("std must not be negative")
    if generator is not None and generator.device.type != "cpu":
        host = torch.Generator().manual_seed(int(torch.randint(2**40, (), generator=generator, device=device)))
    else:
        host = generator
    return (torch.randn(torch.Size(shape), generator=host) * std + mean).to(device)
