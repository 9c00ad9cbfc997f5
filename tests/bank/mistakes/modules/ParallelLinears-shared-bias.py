"""One bias for all layers."""


class ParallelLinears(nn.Module):
    def __init__(self, dim: int, count: int) -> None:
        super().__init__()
        self.linear_list = nn.ModuleList(nn.Linear(dim, dim) for _ in range(count))
        for linear in self.linear_list:
            linear.bias = self.linear_list[0].bias

    def forward(self, x):
        return tuple(linear(x) for linear in self.linear_list)
