"""A negative std is left to torch, which raises a RuntimeError."""

def normal(shape, mean=0.0, std=1.0, generator=None, device="cpu"):
    return torch.empty(torch.Size(shape), device=device).normal_(mean, std, generator=generator)
