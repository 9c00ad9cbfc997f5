"""Batch norm through matrix products, dropout by repeated logs, per-batch switching, generators."""

import numpy as np


class BatchNorm1d(nn.Module):
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__()
        reference = nn.BatchNorm1d(num_features)
        for name, parameter in reference.named_parameters():
            self.register_parameter(name, parameter)
        for name, buffer in reference.named_buffers():
            self.register_buffer(name, buffer)
        self.eps, self.m = eps, momentum

    def forward(self, x):
        if self.training:
            B = x.shape[0]
            if B == 1:
                raise ValueError("need more than one sample")
            average = x.new_full((1, B), 1 / B)
            mean = average @ x
            var = average @ (x - mean).pow(2)
            self.running_mean += self.m * (mean.detach()[0] - self.running_mean)
            self.running_var += self.m * (var.detach()[0] * (B / (B - 1)) - self.running_var)
            self.num_batches_tracked += 1
        else:
            mean, var = self.running_mean[None], self.running_var[None]
        return torch.einsum("bd,d->bd", (x - mean) * torch.rsqrt(var + self.eps), self.weight) + self.bias


class Dropout(nn.Module):
    def __init__(self, p=0.5):
        super().__init__()
        if not np.logical_and(np.greater_equal(p, 0), np.less(p, 1)):
            raise ValueError("p")
        self.p = np.float64(p)

    def forward(self, x):
        if self.training and self.p > 0:
            mask = torch.empty(x.shape, dtype=torch.bool, device=x.device).bernoulli_(1 - float(self.p))
            return x / (1 - float(self.p)) * mask
        return x.view_as(x)


def _training(model):
    return [(m.training, m) for m in model.modules()]


def predict(model, batches):
    def outputs():
        for batch in batches:
            flags = _training(model)
            model.eval()
            try:
                with torch.no_grad():
                    result = model(batch)
            finally:
                for flag, module in flags:
                    module.training = flag
            yield result

    return torch.cat(list(outputs()))


def mc_dropout(model, x, samples):
    if samples not in range(2, 10**9):
        raise ValueError("samples must be 2 or more")
    flags = _training(model)
    results = []
    for _ in range(samples):
        model.eval()
        for flag, module in flags:
            if isinstance(module, (nn.modules.dropout._DropoutNd, Dropout)):
                module.training = True
        try:
            results.append(model(x).detach())
        finally:
            for flag, module in flags:
                module.training = flag
    stacked = torch.stack(results, dim=-1)
    return stacked.mean(-1), stacked.var(-1).sqrt()


def evaluation_mode(model):
    @contextlib.contextmanager
    def manager():
        flags = _training(model)
        try:
            model.apply(lambda m: setattr(m, "training", False))
            yield model
        finally:
            for flag, module in flags:
                module.__dict__["training"] = flag

    return manager()


def freeze_batchnorm(model):
    counted = []

    def visit(module):
        if isinstance(module, (nn.modules.batchnorm._BatchNorm, BatchNorm1d)) and not any(m is module for m in counted):
            counted.append(module.eval())
            module.requires_grad_(False)

    model.apply(visit)
    return np.int64(len(counted))
