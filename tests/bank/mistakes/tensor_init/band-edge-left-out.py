"""< where <= is meant."""

def band(n, width, device="cpu"):
    index = torch.arange(n, device=device)
    return ((index[:, None] - index).abs() < width).float()
