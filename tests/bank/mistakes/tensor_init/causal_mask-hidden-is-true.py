"""True where a key is hidden, as in nn.Transformer."""

def causal_mask(n, device="cpu"):
    return torch.ones(n, n, dtype=torch.bool, device=device).triu(1)
