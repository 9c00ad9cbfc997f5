"""Only the lower half of the band is filled."""

def band(n, width, device="cpu"):
    return torch.ones(n, n, device=device).tril().triu(-width)
