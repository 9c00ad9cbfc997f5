"""The layers are applied one after the other instead of all to the same input."""

class ParallelLinears(nn.Module):
    def __init__(self, dim: int, count: int) -> None:
        super().__init__()
        self.linear_list = nn.ModuleList([nn.Linear(dim, dim) for _ in range(count)])

    def forward(self, x):
        outputs = []
        for linear in self.linear_list:
            x = linear(x)
            outputs.append(x)
        return tuple(outputs)
