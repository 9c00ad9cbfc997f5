"""NumPy wherever it goes, and Parameters."""

import numpy


def from_rows(rows, dtype=torch.float32, device="cpu"):
    return torch.from_numpy(numpy.array(rows)).to(dtype=dtype).to(device=device)


def share_array(array):
    return torch.as_tensor(array)


def copy_array(array, dtype=None, device="cpu"):
    result = torch.from_numpy(array.copy())
    return result.to(device) if dtype is None else result.to(device, dtype)


def normal(shape, mean=0.0, std=1.0, generator=None, device="cpu"):
    if std < 0:
        raise ValueError("The standard deviation std is negative")
    return torch.normal(mean, std, size=tuple(shape), generator=generator, device=device)


def uniform(shape, low=0.0, high=1.0, generator=None, device="cpu"):
    if high < low:
        raise ValueError(f"{high=} lies below {low=}")
    return low + (high - low) * torch.rand(tuple(shape), generator=generator, device=device)


def band(n, width, device="cpu"):
    return torch.ones((n, n), device=device).triu(-width).tril(width)


def causal_mask(n, device="cpu"):
    return torch.ones(n, n, dtype=torch.bool, device=device).tril()


def xavier_uniform(fan_out, fan_in, gain=1.0, generator=None, device="cpu"):
    weight = torch.nn.Parameter(torch.empty(fan_out, fan_in, device=device))
    return torch.nn.init.xavier_uniform_(weight, gain, generator=generator)


def describe(tensor):
    result = {name: getattr(tensor, name) for name in ("shape", "dtype", "requires_grad", "is_leaf")}
    result["device"] = tensor.device.type if tensor.device.index is None else f"{tensor.device.type}:{tensor.device.index}"
    result["item"] = tensor.reshape(()).tolist() if tensor.shape.numel() == 1 else None
    return result
