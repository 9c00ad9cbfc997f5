"""A Python loop fills the matrix row by row."""


def band(n, width, device="cpu"):
    result = torch.zeros(n, n, device=device)
    for i in range(n):
        result[i, max(0, i - width) : i + width + 1] = 1
    return result
