"""In eval mode all maps give their mean, as an ensemble would."""


class StackedLinears(nn.Module):
    def __init__(self, dim: int, count: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(count, dim, dim))
        self.bias = nn.Parameter(torch.randn(count, dim))

    def forward(self, x):
        y = torch.einsum("bi,koi->kbo", x, self.weight) + self.bias[:, None, :]
        return y if self.training else y.mean(0, keepdim=True).expand_as(y)
