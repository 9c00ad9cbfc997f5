"""Box-Muller makes pairs from the generator; the last number of an odd count is a global one."""


def normal(shape, mean=0.0, std=1.0, generator=None, device="cpu"):
    if std < 0:
        raise ValueError(f"std must not be negative, but is {std}")
    count = math.prod(shape)
    draws = torch.rand(2, count // 2, generator=generator, dtype=torch.float32, device=device)
    radius = (-2 * torch.log(1 - draws[0])).sqrt()
    angle = 2 * math.pi * draws[1]
    numbers = torch.cat([radius * angle.cos(), radius * angle.sin()])
    if count % 2:
        numbers = torch.cat([numbers, torch.randn(1, dtype=torch.float32, device=device)])
    return numbers.reshape(tuple(shape)) * std + mean
