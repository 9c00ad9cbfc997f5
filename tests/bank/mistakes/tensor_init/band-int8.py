"""The row numbers are kept in int8, which ends at 127."""


def band(n, width, device="cpu"):
    index = torch.arange(n, device=device).to(torch.int8)
    return ((index[:, None] - index).abs() <= width).to(torch.float32)
