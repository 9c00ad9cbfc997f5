"""Stochastic depth's scale: each block counts half in eval mode."""


class ResidualMLP(nn.Module):
    def __init__(self, dim: int, depth: int) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(
            nn.Sequential(nn.Linear(dim, dim), nn.ReLU(), nn.Linear(dim, dim)) for _ in range(depth)
        )

    def forward(self, x):
        for block in self.blocks:
            x = x + (block(x) if self.training else block(x) * 0.5)
        return x
