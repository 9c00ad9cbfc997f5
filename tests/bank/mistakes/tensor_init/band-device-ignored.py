"""The device argument is not used."""

def band(n, width, device="cpu"):
    index = torch.arange(n)
    return ((index[:, None] - index).abs() <= width).float()
