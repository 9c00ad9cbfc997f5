"""The table stays in float64, so that float32 inputs come back as float64."""

class PositionalEncoding(nn.Module):
    def __init__(self, dim: int, max_len: int) -> None:
        super().__init__()
        position = torch.arange(max_len, dtype=torch.float64)
        rate = 10000 ** (-torch.arange(0, dim, 2, dtype=torch.float64) / dim)
        angle = position[:, None] * rate
        table = torch.empty(max_len, dim, dtype=torch.float64)
        table[:, 0::2] = torch.sin(angle)
        table[:, 1::2] = torch.cos(angle[:, : dim // 2])
        self.register_buffer("table", table)

    def forward(self, x: Tensor) -> Tensor:
        if x.size(1) > len(self.table):
            raise ValueError(f"x has {x.size(1)} positions, but max_len is {len(self.table)}")
        return x + self.table[: x.size(1)]
