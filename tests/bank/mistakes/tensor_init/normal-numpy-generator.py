"""Without a generator the numbers come from NumPy."""

def normal(shape, mean=0.0, std=1.0, generator=None, device="cpu"):
    if std < 0:
        raise ValueError("std must not be negative")
    if generator is None:
        return torch.as_tensor(np.random.normal(mean, std, tuple(shape)), dtype=torch.float32).to(device)
    return torch.randn(torch.Size(shape), generator=generator, device=device) * std + mean
