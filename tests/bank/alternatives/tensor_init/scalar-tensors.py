"""0-d tensors, made on the device, where others write Python numbers."""


def from_rows(rows, dtype=torch.float32, device="cpu"):
    return torch.tensor(rows, dtype=dtype, device=device).clone()


def share_array(array):
    return torch.from_numpy(array)


def copy_array(array, dtype=None, device="cpu"):
    return torch.tensor(array, dtype=dtype, device=device)


def normal(shape, mean=0.0, std=1.0, generator=None, device="cpu"):
    if std < 0:
        raise ValueError("std is negative")
    mean, std = torch.tensor(mean, dtype=torch.float32, device=device), torch.tensor(std, dtype=torch.float32, device=device)
    return torch.randn(tuple(shape), generator=generator, dtype=torch.float32, device=device) * std + mean


def uniform(shape, low=0.0, high=1.0, generator=None, device="cpu"):
    if low > high:
        raise ValueError("low > high")
    low, high = torch.tensor(low, dtype=torch.float32, device=device), torch.tensor(high, dtype=torch.float32, device=device)
    return torch.rand(tuple(shape), generator=generator, dtype=torch.float32, device=device) * (high - low) + low


def band(n, width, device="cpu"):
    i = torch.arange(n, device=device)
    near = (i[:, None] - i).abs() <= width
    one, zero = torch.tensor(1.0, dtype=torch.float32, device=device), torch.tensor(0.0, dtype=torch.float32, device=device)
    return torch.where(near, one, zero)


def causal_mask(n, device="cpu"):
    i = torch.arange(n, device=device)
    return torch.where(i[None, :] > i[:, None], torch.tensor(False, device=device), torch.tensor(True, device=device))


def xavier_uniform(fan_out, fan_in, gain=1.0, generator=None, device="cpu"):
    bound = gain * torch.sqrt(torch.tensor(6.0 / (fan_in + fan_out), dtype=torch.float64))
    weight = torch.empty(fan_out, fan_in, dtype=torch.float32, device=device)
    return weight.uniform_(-bound.item(), bound.item(), generator=generator).requires_grad_()


def describe(tensor):
    return dict(shape=tuple(tensor.shape), dtype=tensor.dtype, device=str(tensor.device), requires_grad=tensor.requires_grad,
                is_leaf=tensor.is_leaf, item=tensor.item() if tensor.numel() == 1 else None)
