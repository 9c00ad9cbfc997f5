"""The diagonals beyond the corner are not left out, so that wide bands raise."""

def band(n, width, device="cpu"):
    result = torch.zeros(n, n, device=device)
    for k in range(-width, width + 1):
        result += torch.diag(torch.ones(n - abs(k), device=device), k)
    return result
