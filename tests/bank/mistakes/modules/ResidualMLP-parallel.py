"""Every block gets the first input instead of the result of the block before."""

class ResidualMLP(nn.Module):
    def __init__(self, dim: int, depth: int) -> None:
        super().__init__()
        self.blocks = nn.ModuleList([nn.Sequential(nn.Linear(dim, dim), nn.ReLU(), nn.Linear(dim, dim)) for _ in range(depth)])

    def forward(self, x):
        return x + sum(block(x) for block in self.blocks)
