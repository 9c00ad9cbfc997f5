"""Bands by striding, numbers by mean and std tensors, the weight by clamping nothing."""

def from_rows(rows, dtype=torch.float32, device="cpu"):
    return torch.asarray(rows, dtype=dtype, device=device)


def share_array(array):
    return torch.asarray(array, copy=False)


def copy_array(array, dtype=None, device="cpu"):
    return torch.asarray(array, dtype=dtype, device=device, copy=True)


def normal(shape, mean=0.0, std=1.0, generator=None, device="cpu"):
    if std < 0.0:
        raise ValueError(f"std={std} < 0")
    means = torch.full(torch.Size(shape), mean, dtype=torch.float32, device=device)
    return torch.normal(means, std, generator=generator)


def uniform(shape, low=0.0, high=1.0, generator=None, device="cpu"):
    if low > high:
        raise ValueError("low > high")
    numbers = torch.rand(tuple(shape), generator=generator, device=device, dtype=torch.float64)
    return (numbers * (high - low) + low).to(torch.float32)


def band(n, width, device="cpu"):
    if n == 0:
        return torch.zeros(0, 0, device=device)
    reach = min(width, n - 1)
    line = torch.zeros(2 * n - 1, device=device)
    line[n - 1 - reach : n + reach] = 1
    return line.unfold(0, n, 1).flip(0)


def causal_mask(n, device="cpu"):
    return torch.ones(n, n, device=device).triu(1) == 0


def xavier_uniform(fan_out, fan_in, gain=1.0, generator=None, device="cpu"):
    weight = torch.empty((fan_out, fan_in), requires_grad=True, device=device)
    with torch.no_grad():
        weight.uniform_(-1, 1, generator=generator).mul_(gain * math.sqrt(6.0) / math.sqrt(fan_in + fan_out))
    return weight


def describe(tensor):
    try:
        item = tensor.item()
    except RuntimeError:
        item = None
    return dict(
        shape=tuple(tensor.size()),
        dtype=tensor.dtype,
        device=str(tensor.device),
        requires_grad=tensor.requires_grad,
        is_leaf=tensor.is_leaf,
        item=item,
    )
