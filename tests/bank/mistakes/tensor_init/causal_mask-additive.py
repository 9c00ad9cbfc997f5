"""0 and -inf to add to the scores."""

def causal_mask(n, device="cpu"):
    return torch.full((n, n), -math.inf, device=device).triu(1)
