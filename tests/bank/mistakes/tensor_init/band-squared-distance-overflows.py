"""The squared distances are int16 and wrap around, so that ones appear 256 places off the diagonal."""


def band(n, width, device="cpu"):
    index = torch.arange(n, dtype=torch.int16, device=device)
    distance = index[:, None] - index[None, :]
    return (distance * distance <= width * width).to(torch.float32)
