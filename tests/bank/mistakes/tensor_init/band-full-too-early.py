"""A band of 2 * width + 1 >= n diagonals is taken to fill the matrix, whose 2 * n - 1 diagonals are forgotten."""

def band(n: int, width: int, device: str | torch.device = "cpu") -> Tensor:
    if 2 * width + 1 >= n:
        return torch.ones(n, n, dtype=torch.float32, device=device)
    index = torch.arange(n, device=device)
    distance = (index[:, None] - index[None, :]).abs()
    return (distance <= width).to(torch.float32)
