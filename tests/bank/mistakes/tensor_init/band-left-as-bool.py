"""The comparison is returned as it is: bool."""

def band(n, width, device="cpu"):
    index = torch.arange(n, device=device)
    return (index[:, None] - index).abs() <= width
