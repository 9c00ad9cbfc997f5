"""The first batch takes the place of the averages' start, as if there were nothing to average with."""


class BatchNorm1d(nn.Module):
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.weight = nn.Parameter(torch.ones(num_features))
        self.bias = nn.Parameter(torch.zeros(num_features))
        self.register_buffer("running_mean", torch.zeros(num_features))
        self.register_buffer("running_var", torch.ones(num_features))
        self.register_buffer("num_batches_tracked", torch.tensor(0))

    def forward(self, x):
        mean, var = self.running_mean, self.running_var
        if self.training:
            if len(x) < 2:
                raise ValueError(f"x has {len(x)} rows")
            mean, var = x.mean(0), x.var(0, correction=0)
            with torch.no_grad():
                first = self.num_batches_tracked == 0
                for running, new in ((self.running_mean, mean), (self.running_var, x.var(0))):
                    running.copy_(torch.where(first, new, running + self.momentum * (new - running)))
                self.num_batches_tracked += 1
        return (x - mean) / (var + self.eps).sqrt() * self.weight + self.bias
