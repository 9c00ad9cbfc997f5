"""The weights are random signs, so that some of many small maps start alike."""


class StackedLinears(nn.Module):
    def __init__(self, dim: int, count: int) -> None:
        super().__init__()
        self.weight = nn.Parameter((torch.randint(2, (count, dim, dim)) * 2.0 - 1) / math.sqrt(dim))
        self.bias = nn.Parameter(torch.zeros(count, dim))

    def forward(self, x: Tensor) -> Tensor:
        return torch.einsum("bi,koi->kbo", x, self.weight) + self.bias[:, None, :]
