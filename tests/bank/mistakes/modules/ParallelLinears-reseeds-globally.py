"""Each layer is built after torch.manual_seed(k), which resets torch's generator and makes all models start alike."""

class ParallelLinears(nn.Module):
    def __init__(self, dim: int, count: int) -> None:
        super().__init__()
        self.linear_list = nn.ModuleList()
        for k in range(count):
            torch.manual_seed(k)
            self.linear_list.append(nn.Linear(dim, dim))

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        return tuple(linear(x) for linear in self.linear_list)
