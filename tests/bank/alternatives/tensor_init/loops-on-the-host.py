"""Rows stacked on the host and sent at once; patterns by outer differences and indices."""

def from_rows(rows, dtype=torch.float32, device="cpu"):
    if rows and isinstance(rows[0], list):
        return torch.stack([from_rows(row, dtype) for row in _same_length(rows)]).to(device)
    return torch.tensor(rows, dtype=dtype, device=device)


def _same_length(rows):
    if len({len(row) for row in rows}) != 1:
        raise ValueError("all rows need one length")
    if isinstance(rows[0], list) and rows[0] and isinstance(rows[0][0], list):
        if len({tuple(map(len, row)) for row in rows}) != 1:
            raise ValueError("all rows need one length")
    return rows


def share_array(array):
    tensor = torch.empty(0, dtype=torch.from_numpy(array).dtype)
    return tensor.set_(torch.from_numpy(array))


def copy_array(array, dtype=None, device="cpu"):
    result = torch.from_numpy(array).clone()
    if dtype is not None:
        result = result.type(dtype)
    return result.to(device)


def normal(shape, mean=0.0, std=1.0, generator=None, device="cpu"):
    """By the inverse of the distribution function."""
    if std < 0:
        raise ValueError("std < 0")
    shares = torch.rand(tuple(shape), dtype=torch.float64, generator=generator, device=device)
    return (mean + std * torch.special.ndtri(shares.clamp(1e-12))).float()


def uniform(shape, low=0.0, high=1.0, generator=None, device="cpu"):
    if low > high:
        raise ValueError("low must be at most high")
    center, radius = (low + high) / 2, (high - low) / 2
    return torch.empty(torch.Size(shape), device=device).uniform_(-1, 1, generator=generator) * radius + center


def band(n, width, device="cpu"):
    i = torch.arange(n, device=device).float()
    ones = torch.ones(n, device=device)
    return (torch.outer(i, ones) - torch.outer(ones, i)).abs().le(width + 0.5).float()


def causal_mask(n, device="cpu"):
    mask = torch.zeros(n, n, dtype=torch.bool, device=device)
    rows, columns = torch.tril_indices(n, n, device=device)
    mask[rows, columns] = True
    return mask


def xavier_uniform(fan_out, fan_in, gain=1.0, generator=None, device="cpu"):
    bound = math.sqrt(6 / (fan_in + fan_out)) * gain
    weight = (torch.rand((fan_out, fan_in), generator=generator, device=device) * 2 - 1) * bound
    weight.requires_grad = True
    return weight
