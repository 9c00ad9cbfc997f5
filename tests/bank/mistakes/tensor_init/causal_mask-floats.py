"""tril of ones is float32."""

def causal_mask(n, device="cpu"):
    return torch.tril(torch.ones(n, n, device=device))
