"""One skip connection around all blocks instead of one around each."""

class ResidualMLP(nn.Module):
    def __init__(self, dim: int, depth: int) -> None:
        super().__init__()
        self.blocks = nn.ModuleList([nn.Sequential(nn.Linear(dim, dim), nn.ReLU(), nn.Linear(dim, dim)) for _ in range(depth)])

    def forward(self, x):
        y = x
        for block in self.blocks:
            y = block(y)
        return x + y
