"""Positions from 0 to 1 are computed in two ways, and rounding hides some queries from themselves."""

def causal_mask(n: int, device: str | torch.device = "cpu") -> Tensor:
    last = max(n - 1, 1)
    query = torch.arange(n, dtype=torch.float32, device=device) * (1 / last)
    key = torch.arange(n, dtype=torch.float32, device=device) / last
    return key[None, :] <= query[:, None]
