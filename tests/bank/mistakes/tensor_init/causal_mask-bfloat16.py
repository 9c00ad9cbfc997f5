"""The positions are kept in bfloat16, which takes 257 for 256."""


def causal_mask(n, device="cpu"):
    position = torch.arange(n, device=device).to(torch.bfloat16)
    return position[None, :] <= position[:, None]
