"""Without abs() everything above the diagonal counts."""

def band(n, width, device="cpu"):
    index = torch.arange(n, device=device)
    return (index[:, None] - index <= width).float()
