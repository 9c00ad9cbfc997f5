"""Two blocks are drawn and the others are deep copies of these, so that from depth 3 on blocks start alike."""

import copy


class ResidualMLP(nn.Module):
    def __init__(self, dim: int, depth: int) -> None:
        super().__init__()
        even, odd = (nn.Sequential(nn.Linear(dim, dim), nn.ReLU(), nn.Linear(dim, dim)) for _ in range(2))
        self.blocks = nn.ModuleList(copy.deepcopy(odd if k % 2 else even) for k in range(depth))

    def forward(self, x: Tensor) -> Tensor:
        for block in self.blocks:
            x = x + block(x)
        return x
