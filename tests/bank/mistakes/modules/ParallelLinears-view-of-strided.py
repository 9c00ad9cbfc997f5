"""view() makes one matrix of all rows, which a transposed batch can't be."""


class ParallelLinears(nn.Module):
    def __init__(self, dim: int, count: int) -> None:
        super().__init__()
        self.linear_list = nn.ModuleList(nn.Linear(dim, dim) for _ in range(count))

    def forward(self, x):
        flat = x.view(-1, x.size(-1))
        return tuple(linear(flat).view(x.shape) for linear in self.linear_list)
