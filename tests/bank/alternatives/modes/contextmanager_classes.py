"""Context managers as classes, masks from where, and statistics by var_mean and lerp."""


class Dropout(nn.Module):
    def __init__(self, p=0.5):
        super().__init__()
        if p < 0 or p >= 1 or p != p:
            raise ValueError("dropout probability has to be between 0 and 1, but got {}".format(p))
        self.keep = 1 - p

    def forward(self, x):
        if self.training:
            return torch.where(torch.rand_like(x) < self.keep, x / self.keep, 0)
        return x.clone()


class BatchNorm1d(nn.Module):
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__()
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        self.weight = nn.Parameter(torch.empty(num_features).fill_(1))
        self.bias = nn.Parameter(torch.empty(num_features).fill_(0))
        for name, value in {"running_mean": 0.0, "running_var": 1.0}.items():
            self.register_buffer(name, torch.full((num_features,), value))
        self.num_batches_tracked = nn.Buffer(torch.zeros((), dtype=torch.long))

    def forward(self, x):
        if not self.training:
            scale = self.weight * (self.running_var + self.eps).rsqrt()
            return torch.addcmul(self.bias - self.running_mean * scale, x, scale)
        if x.shape[0] == 1:
            raise ValueError(f"Expected more than 1 value per channel when training, got input size {x.shape}")
        var, mean = torch.var_mean(x, 0)
        self.running_mean.lerp_(mean.detach(), self.momentum)
        self.running_var.lerp_(var.detach(), self.momentum)
        self.num_batches_tracked.add_(1)
        n = x.shape[0]
        return torch.addcmul(self.bias, x - mean, self.weight * torch.rsqrt(var * ((n - 1) / n) + self.eps))


class evaluation_mode:
    def __init__(self, model):
        self.model, self.flags = model, []

    def __enter__(self):
        for module in self.model.modules():
            self.flags.append((module, module.training))
            module.training = False
        return self.model

    def __exit__(self, kind, error, traceback):
        while self.flags:
            module, flag = self.flags.pop()
            module.training = flag


def predict(model, batches):
    modes = {module: module.training for module in model.modules()}
    grad = torch.is_grad_enabled()
    torch.set_grad_enabled(False)
    model.eval()
    try:
        outputs = ()
        for batch in batches:
            outputs += (model.forward(batch),)
        return torch.concat(outputs)
    finally:
        torch.set_grad_enabled(grad)
        for module, mode in modes.items():
            module.training = mode


def freeze_batchnorm(model):
    kinds = nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d, nn.SyncBatchNorm, BatchNorm1d
    count = 0
    for module in model.modules():
        if not isinstance(module, kinds):
            continue
        module.training = False
        for parameter in (module.weight, module.bias):
            if parameter is not None:
                parameter.requires_grad = False
        count += 1
    return count


class mc_dropout(tuple):
    def __new__(cls, model, x, samples):
        if not samples >= 2:
            raise ValueError("mc_dropout needs samples >= 2")
        kinds = nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.Dropout3d, nn.AlphaDropout, nn.FeatureAlphaDropout, Dropout
        modes = [(module, module.training) for module in model.modules()]
        try:
            for module, _ in modes:
                module.training = isinstance(module, kinds)
            with torch.inference_mode():
                total = square = None
                outputs = [model(x).double() for _ in range(samples)]
                mean = sum(outputs) / samples
                var = sum((output - mean) ** 2 for output in outputs) / (samples - 1)
            return super().__new__(cls, (mean.to(x.dtype), var.sqrt().to(x.dtype)))
        finally:
            for module, mode in modes:
                module.training = mode
