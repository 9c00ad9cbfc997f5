"""The tails are cut off at two deviations."""

def normal(shape, mean=0.0, std=1.0, generator=None, device="cpu"):
    if std < 0:
        raise ValueError("std must not be negative")
    result = torch.empty(torch.Size(shape), device=device)
    if std == 0 or not result.numel():
        return result.fill_(mean)
    return torch.nn.init.trunc_normal_(result, mean, std, mean - 2 * std, mean + 2 * std, generator=generator)
