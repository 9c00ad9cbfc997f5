"""The layers have no bias."""

class ParallelLinears(nn.Module):
    def __init__(self, dim: int, count: int) -> None:
        super().__init__()
        self.linear_list = nn.ModuleList([nn.Linear(dim, dim, bias=False) for _ in range(count)])

    def forward(self, x):
        return tuple(linear(x) for linear in self.linear_list)
