"""Bands and masks by vmap and by clipped distances."""

def from_rows(rows, dtype=torch.float32, device="cpu"):
    return torch.as_tensor(rows, dtype=dtype, device=torch.device(device))


def share_array(array):
    return torch.from_dlpack(array)


def band(n, width, device="cpu"):
    index = torch.arange(n, device=device)
    if n == 0:
        return torch.empty(0, 0, device=device)
    return torch.vmap(lambda row: ((row - index).abs() <= width).float())(index)


def causal_mask(n, device="cpu"):
    index = torch.arange(n, device=device)
    return torch.sub(index.unsqueeze(-1), index).clamp(-1, 0).add(1).bool()


def uniform(shape, low=0.0, high=1.0, generator=None, device="cpu"):
    if low > high:
        raise ValueError("low exceeds high")
    return torch.clamp(torch.empty(tuple(shape), device=device).uniform_(low, high, generator=generator), low, high)
