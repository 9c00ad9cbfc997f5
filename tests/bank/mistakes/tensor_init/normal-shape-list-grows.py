"""The pairs for Box-Muller are asked for by appending a 2 to the shape, which changes a list of the caller's."""

def normal(
    shape: Sequence[int],
    mean: float = 0.0,
    std: float = 1.0,
    generator: torch.Generator | None = None,
    device: str | torch.device = "cpu",
) -> Tensor:
    if std < 0:
        raise ValueError(f"std must not be negative, but is {std}")
    sizes = shape if isinstance(shape, list) else list(shape)
    sizes.append(2)
    first, second = torch.rand(sizes, generator=generator, dtype=torch.float32, device=device).unbind(-1)
    radius = (-2 * torch.log1p(-first)).sqrt()
    return radius * torch.cos(2 * math.pi * second) * std + mean
