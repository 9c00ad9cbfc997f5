"""torch.full with the integer 1 is int64."""

def band(n, width, device="cpu"):
    return torch.full((n, n), 1, device=device).tril(width).triu(-width)
