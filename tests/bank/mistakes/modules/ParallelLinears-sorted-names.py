"""The layers are sorted by their names as strings, so that 10 comes before 2."""


class ParallelLinears(nn.Module):
    def __init__(self, dim: int, count: int) -> None:
        super().__init__()
        self.linear_list = nn.ModuleList(nn.Linear(dim, dim) for _ in range(count))

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        layers = dict(self.linear_list.named_children())
        return tuple(layers[name](x) for name in sorted(layers))
