"""The output for the last x is kept until x is written to, though the table may have changed since."""


class PositionalEncoding(nn.Module):
    table: Tensor

    def __init__(self, dim: int, max_len: int) -> None:
        super().__init__()
        position = torch.arange(max_len, dtype=torch.float64)
        rate = 10000 ** (-torch.arange(0, dim, 2, dtype=torch.float64) / dim)
        angle = position[:, None] * rate
        table = torch.empty(max_len, dim)
        table[:, 0::2] = torch.sin(angle)
        table[:, 1::2] = torch.cos(angle[:, : dim // 2])
        self.register_buffer("table", table)
        self._last = None

    def forward(self, x: Tensor) -> Tensor:
        max_len = self.table.size(0)
        if x.size(1) > max_len:
            raise ValueError(f"x has {x.size(1)} positions, but max_len is {max_len}")
        if self._last is None or self._last[0] is not x or self._last[1] != x._version:
            self._last = x, x._version, x + self.table[: x.size(1)]
        return self._last[2]
