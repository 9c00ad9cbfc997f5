"""All rows in one matrix, and the result is never given the shape of the input again."""


class ResidualMLP(nn.Module):
    def __init__(self, dim: int, depth: int) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(
            nn.Sequential(nn.Linear(dim, dim), nn.ReLU(), nn.Linear(dim, dim)) for _ in range(depth)
        )

    def forward(self, x):
        x = x.reshape(-1, x.size(-1))
        for block in self.blocks:
            x = x + block(x)
        return x
