"""The weights are divided by their std, which is NaN where there is a single number."""


class StackedLinears(nn.Module):
    def __init__(self, dim: int, count: int) -> None:
        super().__init__()
        weight = torch.randn(count, dim, dim)
        self.weight = nn.Parameter((weight - weight.mean()) / weight.std() / math.sqrt(dim))
        self.bias = nn.Parameter(torch.zeros(count, dim))

    def forward(self, x: Tensor) -> Tensor:
        return torch.einsum("bi,koi->kbo", x, self.weight) + self.bias[:, None, :]
