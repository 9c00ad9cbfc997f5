"""Without gradients in eval mode, scale and shift are folded once and kept until train() or eval() is called."""

class BatchNorm1d(nn.Module):
    def __init__(self, num_features: int, eps: float = 1e-5, momentum: float = 0.1) -> None:
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.weight = nn.Parameter(torch.ones(num_features))
        self.bias = nn.Parameter(torch.zeros(num_features))
        self.register_buffer("running_mean", torch.zeros(num_features))
        self.register_buffer("running_var", torch.ones(num_features))
        self.register_buffer("num_batches_tracked", torch.tensor(0))
        self._folded = None

    def train(self, mode: bool = True):
        self._folded = None
        return super().train(mode)

    def forward(self, x: Tensor) -> Tensor:
        if self.training:
            rows = len(x)
            if rows < 2:
                raise ValueError(f"x has {rows} rows, but in training the batch needs at least 2")
            mean, var = x.mean(dim=0), x.var(dim=0, correction=0)
            with torch.no_grad():
                self.running_mean += self.momentum * (mean - self.running_mean)
                self.running_var += self.momentum * (var * rows / (rows - 1) - self.running_var)
                self.num_batches_tracked += 1
        else:
            mean, var = self.running_mean, self.running_var
            if not torch.is_grad_enabled():
                if self._folded is None:
                    scale = self.weight / torch.sqrt(var + self.eps)
                    self._folded = scale, self.bias - mean * scale
                return x * self._folded[0] + self._folded[1]
        return (x - mean) / torch.sqrt(var + self.eps) * self.weight + self.bias
