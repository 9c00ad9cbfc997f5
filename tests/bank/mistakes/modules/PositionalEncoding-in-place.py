"""x += table writes to the caller's input."""

class PositionalEncoding(nn.Module):
    def __init__(self, dim: int, max_len: int) -> None:
        super().__init__()
        self.max_len = max_len
        position = torch.arange(0, max_len, dtype=torch.float32)[:, None]
        rate = 10000 ** (-torch.arange(0, dim, 2) / dim)
        table = torch.zeros(max_len, dim)
        table[:, 0::2] = torch.sin(position * rate)
        table[:, 1::2] = torch.cos(position * rate)[:, : dim // 2]
        self.register_buffer("table", table)

    def forward(self, x):
        if x.size(1) > self.max_len:
            raise ValueError(f"x is longer than max_len = {self.max_len}")
        x += self.table[: x.size(1)]
        return x
