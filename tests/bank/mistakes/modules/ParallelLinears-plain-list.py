"""The layers sit in a plain Python list, so the module does not know them."""

class ParallelLinears(nn.Module):
    def __init__(self, dim: int, count: int) -> None:
        super().__init__()
        self.linear_list = [nn.Linear(dim, dim) for _ in range(count)]

    def forward(self, x):
        return tuple(linear(x) for linear in self.linear_list)
