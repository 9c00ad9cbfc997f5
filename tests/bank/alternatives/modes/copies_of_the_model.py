"""A deep copy of the model is switched and run; the model itself is never touched."""

import copy


def predict(model, batches):
    twin = copy.deepcopy(model).eval().requires_grad_(False)
    return torch.cat([twin(batch.detach()) for batch in batches], 0)


def mc_dropout(model, x, samples):
    if samples <= 1:
        raise ValueError(f"{samples} samples")
    twin = copy.deepcopy(model).requires_grad_(False)
    twin.eval().apply(lambda m: m.train() if isinstance(m, (nn.modules.dropout._DropoutNd, Dropout)) else None)
    stacked = torch.stack(tuple(twin(x.detach()) for _ in range(samples)))
    std, mean = torch.std_mean(stacked, dim=0, correction=1)
    return mean, std


@contextlib.contextmanager
def evaluation_mode(model):
    names = {name: module.training for name, module in model.named_modules()}
    try:
        yield model.eval()
    finally:
        for name, training in names.items():
            model.get_submodule(name).training = training


class BatchNorm1d(nn.BatchNorm1d):
    def forward(self, input):
        if self.training:
            if input.size(0) == 1:
                raise ValueError("a batch of one example")
            mean = input.sum(0) / len(input)
            centered = input - mean
            var = (centered * centered).sum(0) / len(input)
            n = len(input)
            self.running_mean.mul_(1 - self.momentum).add_(mean.data, alpha=self.momentum)
            self.running_var.mul_(1 - self.momentum).add_(var.data, alpha=self.momentum * n / (n - 1))
            self.num_batches_tracked = self.num_batches_tracked + 1
            return centered * (var + self.eps) ** -0.5 * self.weight + self.bias
        return self.weight * (input - self.running_mean) / (self.running_var + self.eps) ** 0.5 + self.bias


class Dropout(nn.Dropout):
    def __init__(self, p=0.5):
        if not (p >= 0 and p < 1):
            raise ValueError(f"p={p!r}")
        super().__init__(p)

    def forward(self, input):
        if not self.training or self.p == 0:
            return input
        return input * torch.bernoulli(torch.full_like(input, 1 - self.p)).div(1 - self.p)
