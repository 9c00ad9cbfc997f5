"""The standard deviation is taken first and squared again, so that a feature that is constant over the batch gets NaN as its gradient."""


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
        if not self.training:
            return (x - self.running_mean) / torch.sqrt(self.running_var + self.eps) * self.weight + self.bias
        rows = x.shape[0]
        if rows < 2:
            raise ValueError(f"x has {rows} rows, but in training the batch needs at least 2")
        mean = x.mean(dim=0)
        centered = x - mean
        std = centered.square().mean(dim=0).sqrt()
        with torch.no_grad():
            self.running_mean += self.momentum * (mean - self.running_mean)
            self.running_var += self.momentum * (std**2 * rows / (rows - 1) - self.running_var)
            self.num_batches_tracked += 1
        return centered / torch.sqrt(std**2 + self.eps) * self.weight + self.bias
