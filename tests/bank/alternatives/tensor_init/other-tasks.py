"""Tasks in terms of one another."""

def from_rows(rows, dtype=torch.float32, device="cpu"):
    return copy_array(np.array(rows), dtype, device)


def copy_array(array, dtype=None, device="cpu"):
    shared = share_array(array)
    return shared.to(device=device, dtype=dtype or shared.dtype, copy=True)


def normal(shape, mean=0.0, std=1.0, generator=None, device="cpu"):
    """By Box and Muller."""
    if std < 0:
        raise ValueError("std has to be 0 or more")
    u = uniform(shape, 0.0, 1.0, generator, device)
    v = uniform(shape, 0.0, 2 * math.pi, generator, device)
    return torch.sqrt(-2 * torch.log1p(-u)) * torch.cos(v) * std + mean


def uniform(shape, low=0.0, high=1.0, generator=None, device="cpu"):
    if low > high:
        raise ValueError(f"[{low}, {high}) has no numbers: low > high")
    unit = torch.zeros(tuple(shape), device=device).uniform_(generator=generator)
    return torch.addcmul(torch.full_like(unit, low), unit, torch.full_like(unit, high - low))


def band(n, width, device="cpu"):
    far = torch.ones(n, n, dtype=torch.bool, device=device).tril(-width - 1)
    return (~(far | far.T)).float()


def causal_mask(n, device="cpu"):
    return ~torch.ones(n, n, device=device, dtype=torch.bool).triu(diagonal=1)


class _Weight(torch.nn.Module):
    def __init__(self, weight):
        super().__init__()
        self.weight = torch.nn.Parameter(weight)


def xavier_uniform(fan_out, fan_in, gain=1.0, generator=None, device="cpu"):
    std = gain * (2 / (fan_out + fan_in)) ** 0.5
    edge = 3**0.5 * std
    return _Weight(uniform([fan_out, fan_in], -edge, edge, generator, device)).weight


def describe(tensor):
    keys = ["shape", "dtype", "device", "requires_grad", "is_leaf", "item"]
    size = tuple(int(n) for n in tensor.shape)
    number = next(iter(tensor.flatten())).item() if tensor.nelement() == 1 else None
    values = [size, tensor.dtype, f"{tensor.device}", tensor.requires_grad, tensor.is_leaf, number]
    return dict(zip(keys, values))
