"""In eval mode every output comes from the first layer."""


class ParallelLinears(nn.Module):
    def __init__(self, dim: int, count: int) -> None:
        super().__init__()
        self.linear_list = nn.ModuleList(nn.Linear(dim, dim) for _ in range(count))

    def forward(self, x):
        if not self.training:
            return (self.linear_list[0](x),) * len(self.linear_list)
        return tuple(linear(x) for linear in self.linear_list)
