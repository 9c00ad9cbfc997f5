"""The default device is changed and never restored."""

def band(n, width, device="cpu"):
    torch.set_default_device(device)
    index = torch.arange(n)
    return ((index[:, None] - index).abs() <= width).float()
