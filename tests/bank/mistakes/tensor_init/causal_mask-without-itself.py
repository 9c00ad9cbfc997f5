"""The query can't see itself."""

def causal_mask(n, device="cpu"):
    return torch.ones(n, n, dtype=torch.bool, device=device).tril(-1)
