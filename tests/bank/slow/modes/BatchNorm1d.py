"""A Python loop over the features, one column at a time."""


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
        if self.training and len(x) == 1:
            raise ValueError("x has one row")
        columns = [self.column(x[:, k], k) for k in range(x.shape[1])]
        if self.training:
            self.num_batches_tracked += 1
        return torch.stack(columns, dim=1)

    def column(self, x, k):
        if self.training:
            mean, var = x.mean(), x.var(correction=0)
            with torch.no_grad():
                self.running_mean[k] += self.momentum * (mean - self.running_mean[k])
                self.running_var[k] += self.momentum * (var * len(x) / (len(x) - 1) - self.running_var[k])
        else:
            mean, var = self.running_mean[k], self.running_var[k]
        return (x - mean) / torch.sqrt(var + self.eps) * self.weight[k] + self.bias[k]
