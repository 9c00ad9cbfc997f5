"""The polar method with rejection: Python has to hear from the device how many numbers were kept."""


def normal(shape, mean=0.0, std=1.0, generator=None, device="cpu"):
    if std < 0:
        raise ValueError(f"std={std}")
    count = math.prod(shape)
    kept = torch.empty(0, dtype=torch.float64, device=device)
    while kept.numel() < count:
        u, v = torch.rand(2, 2 * count + 8, generator=generator, device=device, dtype=torch.float64) * 2 - 1
        s = u * u + v * v
        good = (s > 0) & (s < 1)
        u, s = u[good], s[good]
        kept = torch.cat([kept, u * (-2 * s.log() / s).sqrt()])
    return (kept[:count].reshape(tuple(shape)) * std + mean).float()
