"""Everything inside `with torch.device(device)`; the global generator as the default one by name."""

def from_rows(rows, dtype=torch.float32, device="cpu"):
    with torch.device(device):
        return torch.tensor(rows, dtype=dtype)


def copy_array(array, dtype=None, device="cpu"):
    with torch.device(device):
        return torch.tensor(array, dtype=dtype)


def normal(shape, mean=0.0, std=1.0, generator=None, device="cpu"):
    if std < 0:
        raise ValueError("negative Std")
    with torch.device(device):
        return mean + std * torch.randn(tuple(shape), generator=generator)


def uniform(shape, low=0.0, high=1.0, generator=None, device="cpu"):
    if high - low < 0:
        raise ValueError("Low must not exceed High")
    with torch.device(device):
        return torch.lerp(torch.tensor(float(low)), torch.tensor(float(high)), torch.rand(tuple(shape), generator=generator))


def band(n, width, device="cpu"):
    with torch.device(device):
        index = torch.arange(n, dtype=torch.float32)
        return ((index - index.unsqueeze(1)) ** 2 <= width**2).float()


def causal_mask(n, device="cpu"):
    with torch.device(device):
        return torch.arange(n) < torch.arange(1, n + 1).view(n, 1)


def xavier_uniform(fan_out, fan_in, gain=1.0, generator=None, device="cpu"):
    bound = gain * math.sqrt(6 / (fan_in + fan_out))
    return uniform((fan_out, fan_in), -bound, bound, generator, device).detach().requires_grad_(True)
