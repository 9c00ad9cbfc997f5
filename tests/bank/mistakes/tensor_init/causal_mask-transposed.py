"""Rows and columns are confused: keys after the query can be seen."""

def causal_mask(n, device="cpu"):
    return torch.ones(n, n, dtype=torch.bool, device=device).triu()
