"""The layers are deep copies of one another and start with the same weights."""

import copy


class ParallelLinears(nn.Module):
    def __init__(self, dim: int, count: int) -> None:
        super().__init__()
        first = nn.Linear(dim, dim)
        self.linear_list = nn.ModuleList([copy.deepcopy(first) for _ in range(count)])

    def forward(self, x):
        return tuple(linear(x) for linear in self.linear_list)
