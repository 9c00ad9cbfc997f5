"""The outputs come as a list where a tuple is promised."""

class ParallelLinears(nn.Module):
    def __init__(self, dim: int, count: int) -> None:
        super().__init__()
        self.linear_list = nn.ModuleList([nn.Linear(dim, dim) for _ in range(count)])

    def forward(self, x):
        return [linear(x) for linear in self.linear_list]
