"""A band that fills the matrix is one expanded element, so that a write to one entry shows in all."""


def band(n, width, device="cpu"):
    if width >= n - 1:
        return torch.ones((), dtype=torch.float32, device=device).expand(n, n)
    index = torch.arange(n, device=device)
    return ((index[:, None] - index[None, :]).abs() <= width).to(torch.float32)
