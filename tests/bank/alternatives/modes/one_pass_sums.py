"""Variance as mean of squares minus square of the mean, masks by multiplication with a sign, detach for no graph."""


class BatchNorm1d(nn.Module):
    running_mean: torch.Tensor

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__()
        self.eps = eps
        self.momentum = momentum
        self.weight = nn.Parameter(torch.ones(num_features))
        self.bias = nn.Parameter(torch.zeros(num_features))
        self.register_buffer("running_mean", torch.zeros(num_features))
        self.register_buffer("running_var", torch.ones(num_features))
        self.register_buffer("num_batches_tracked", torch.tensor(0))

    def forward(self, x):
        mean, var = self.running_mean, self.running_var
        if self.training:
            n = len(x)
            if n == 1:
                raise ValueError("batch size 1")
            mean = x.mean(0, keepdim=True)
            var = ((x**2).mean(0, keepdim=True) - mean**2).clamp(min=0)
            self.running_mean = (1 - self.momentum) * self.running_mean + self.momentum * mean.detach().squeeze(0)
            self.running_var = (1 - self.momentum) * self.running_var + self.momentum * n / (n - 1) * var.detach().squeeze(0)
            self.num_batches_tracked += 1
        std = torch.sqrt(var + self.eps)
        return self.weight * ((x - mean) / std) + self.bias


class Dropout(nn.Module):
    def __init__(self, p=0.5):
        super().__init__()
        if p in (1, 1.0) or not p <= 1 or p < 0:
            raise ValueError(f"invalid p {p}")
        self.p = p

    def train(self, mode=True):
        self.drops = mode
        return super().train(mode)

    def forward(self, x):
        if self.training:
            keep = (torch.rand_like(x.detach()) - self.p).sign().clamp(min=0)
            return x.mul(keep).div(1 - self.p)
        return x + 0


def predict(model, batches):
    flags = [module.training for module in model.modules()]
    model.eval()
    try:
        return torch.cat([model(batch).detach() for batch in batches])
    finally:
        for module, flag in zip(model.modules(), flags):
            module.training = flag


def mc_dropout(model, x, samples):
    if samples < 2:
        raise ValueError(f"samples={samples}")
    flags = [module.training for module in model.modules()]
    try:
        for module in model.modules():
            module.training = isinstance(module, (Dropout, torch.nn.modules.dropout._DropoutNd))
        total, squares = 0.0, 0.0
        for _ in range(samples):
            output = model(x).detach().double()
            total, squares = total + output, squares + output**2
    finally:
        for module, flag in zip(model.modules(), flags):
            module.training = flag
    mean = total / samples
    var = (squares / samples - mean**2).clamp(min=0) * samples / (samples - 1)
    return mean, var.sqrt()
