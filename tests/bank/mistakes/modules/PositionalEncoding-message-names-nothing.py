"""The message says that something is wrong, but not with what."""

class PositionalEncoding(nn.Module):
    def __init__(self, dim: int, max_len: int) -> None:
        super().__init__()
        angle = torch.arange(max_len)[:, None] * 10000 ** (-torch.arange(0, dim, 2) / dim)
        table = torch.empty(max_len, dim)
        table[:, 0::2] = angle.sin()
        table[:, 1::2] = angle.cos()[:, : dim // 2]
        self.register_buffer("table", table)

    def forward(self, x):
        if x.size(1) > self.table.size(0):
            raise ValueError("the input is bad")
        return x + self.table[: x.size(1)]
