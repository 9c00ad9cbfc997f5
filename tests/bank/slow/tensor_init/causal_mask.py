"""A Python loop fills the mask row by row."""


def causal_mask(n, device="cpu"):
    mask = torch.zeros(n, n, dtype=torch.bool, device=device)
    for i in range(n):
        mask[i, : i + 1] = True
    return mask
