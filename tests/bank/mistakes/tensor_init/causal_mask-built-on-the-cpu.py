"""The mask is built on the CPU, then moved."""

def causal_mask(n, device="cpu"):
    return torch.ones(n, n, dtype=torch.bool).tril().to(device)
