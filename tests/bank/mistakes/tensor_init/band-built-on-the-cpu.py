"""The matrix is built on the CPU, then moved."""

def band(n, width, device="cpu"):
    index = torch.arange(n)
    return ((index[:, None] - index).abs() <= width).float().to(device)
