"""A batch of one row is refused only after it went into the running averages and the counter: the variance is NaN from then on."""


class BatchNorm1d(nn.Module):
    running_mean: Tensor
    running_var: Tensor
    num_batches_tracked: Tensor

    def __init__(self, num_features: int, eps: float = 1e-5, momentum: float = 0.1) -> None:
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.weight = nn.Parameter(torch.ones(num_features))
        self.bias = nn.Parameter(torch.zeros(num_features))
        self.register_buffer("running_mean", torch.zeros(num_features))
        self.register_buffer("running_var", torch.ones(num_features))
        self.register_buffer("num_batches_tracked", torch.tensor(0))

    def forward(self, x: Tensor) -> Tensor:
        mean, var = self.running_mean, self.running_var
        if self.training:
            with torch.no_grad():
                self.running_mean.mul_(1 - self.momentum).add_(self.momentum * x.mean(dim=0))
                self.running_var.mul_(1 - self.momentum).add_(self.momentum * x.var(dim=0))
                self.num_batches_tracked += 1
            mean, var = x.mean(dim=0), self._spread(x)
        return (x - mean) / torch.sqrt(var + self.eps) * self.weight + self.bias

    def _spread(self, x: Tensor) -> Tensor:
        if len(x) < 2:
            raise ValueError(f"x has {len(x)} rows, but in training the batch needs at least 2")
        return x.var(dim=0, correction=0)
