"""as_strided is told to begin at storage offset 0."""


def diagonal(x):
    return torch.as_strided(x, (min(x.shape),), (x.stride(0) + x.stride(1),), 0)
