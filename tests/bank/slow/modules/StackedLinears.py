"""A Python loop over the maps, one Linear at a time."""


class StackedLinears(nn.Module):
    def __init__(self, dim, count):
        super().__init__()
        bound = 1 / math.sqrt(dim)
        self.weight = nn.Parameter(torch.empty(count, dim, dim).uniform_(-bound, bound))
        self.bias = nn.Parameter(torch.empty(count, dim).uniform_(-bound, bound))

    def forward(self, x):
        return torch.stack([x @ self.weight[k].T + self.bias[k] for k in range(len(self.weight))])
