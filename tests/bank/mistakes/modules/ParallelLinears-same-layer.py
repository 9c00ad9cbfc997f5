"""One layer stands in the list `count` times, so that all weights are shared."""

class ParallelLinears(nn.Module):
    def __init__(self, dim: int, count: int) -> None:
        super().__init__()
        self.linear_list = nn.ModuleList([nn.Linear(dim, dim)] * count)

    def forward(self, x):
        return tuple(linear(x) for linear in self.linear_list)
