"""The table comes from a cache, so that all modules of one size have one and the same buffer."""

import functools


@functools.cache
def _pattern_cached(dim: int, max_len: int) -> Tensor:
    position = torch.arange(max_len, dtype=torch.float64)
    rate = 10000 ** (-torch.arange(0, dim, 2, dtype=torch.float64) / dim)
    angle = position[:, None] * rate
    return torch.stack((angle.sin(), angle.cos()), dim=-1).flatten(1)[:, :dim].float().contiguous()


class PositionalEncoding(nn.Module):
    def __init__(self, dim: int, max_len: int) -> None:
        super().__init__()
        self.register_buffer("table", _pattern_cached(dim, max_len))

    def forward(self, x: Tensor) -> Tensor:
        if x.size(1) > len(self.table):
            raise ValueError(f"x has {x.size(1)} positions, but max_len is {len(self.table)}")
        return x + self.table[: x.size(1)]
