"""Layers with hand-written backward passes, and recursion over the children."""


class _Drop(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, p):
        scale = (torch.rand(x.shape, device=x.device, dtype=x.dtype) >= p).to(x.dtype).mul_(1 / (1 - p))
        ctx.save_for_backward(scale)
        return x * scale

    @staticmethod
    def backward(ctx, gradient):
        return gradient * ctx.saved_tensors[0], None


class Dropout(nn.Module):
    def __init__(self, p: float = 0.5):
        if not p >= 0 or p >= 1.0:
            raise ValueError("p must satisfy 0 <= p < 1")
        super().__init__()
        self._p = float(p)

    def forward(self, x):
        return _Drop.apply(x, self._p) if self.training else x


class _Norm(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, weight, bias, mean, var, eps):
        inverse = 1 / (var + eps).sqrt()
        normal = (x - mean) * inverse
        ctx.save_for_backward(normal, weight, inverse)
        return normal * weight + bias

    @staticmethod
    def backward(ctx, g):
        normal, weight, inverse = ctx.saved_tensors
        inner = g - g.mean(0) - normal * (g * normal).mean(0)
        return inner * weight * inverse, (g * normal).sum(0), g.sum(0), None, None, None


class BatchNorm1d(nn.Module):
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__()
        self.register_parameter("weight", nn.Parameter(torch.ones(num_features)))
        self.register_parameter("bias", nn.Parameter(torch.zeros(num_features)))
        self.register_buffer("num_batches_tracked", torch.tensor(0, dtype=torch.int64))
        self.register_buffer("running_var", torch.ones(num_features))
        self.register_buffer("running_mean", torch.zeros(num_features))
        self.settings = dict(eps=eps, momentum=momentum)

    def forward(self, x):
        eps, m = self.settings["eps"], self.settings["momentum"]
        if self.training is False:
            return (x - self.running_mean).mul(self.weight).div(torch.sqrt(eps + self.running_var)).add(self.bias)
        rows, _ = x.shape
        if rows <= 1:
            raise ValueError("cannot take a variance over a batch of 1")
        fixed = x.detach()
        mean = fixed.mean(0)
        var = ((fixed - mean) ** 2).mean(0)
        self.running_mean.copy_((1 - m) * self.running_mean + m * mean)
        self.running_var.copy_((1 - m) * self.running_var + m * fixed.var(0))
        self.num_batches_tracked.data += 1
        return _Norm.apply(x, self.weight, self.bias, mean, var, eps)


def _flags(module, found):
    if module not in found:
        found[module] = module.training
        for child in module.children():
            _flags(child, found)
    return found


def _restore(found):
    for module, flag in found.items():
        object.__setattr__(module, "training", flag)


@contextlib.contextmanager
def evaluation_mode(model):
    found = _flags(model, {})
    for module in found:
        module.training = False
    try:
        yield model
    except BaseException:
        _restore(found)
        raise
    else:
        _restore(found)


@torch.no_grad()
def predict(model, batches):
    found = _flags(model, {})
    iterator = iter(batches)
    try:
        model.eval()
        results = list(map(model, iterator))
    finally:
        _restore(found)
    return results[0] if len(results) == 1 else torch.cat(results, dim=0)


def freeze_batchnorm(model, seen=None):
    seen = set() if seen is None else seen
    if id(model) in seen:
        return 0
    seen.add(id(model))
    found = 0
    if isinstance(model, (BatchNorm1d, nn.modules.batchnorm._BatchNorm)):
        found = 1
        model.train(False)
        [p.requires_grad_(False) for p in model.parameters(recurse=False)]
    return found + sum(freeze_batchnorm(child, seen) for child in model.children())


@torch.no_grad()
def mc_dropout(model, x, samples):
    if int(samples) < 2:
        raise ValueError("too few samples")
    found = _flags(model, {})
    mean, squares = 0.0, 0.0
    try:
        for module in found:
            is_dropout = isinstance(module, Dropout) or isinstance(module, nn.modules.dropout._DropoutNd)
            module.training = is_dropout
        for n in range(1, samples + 1):
            output = model(x)
            delta = output - mean
            mean = mean + delta / n
            squares = squares + delta * (output - mean)
    finally:
        _restore(found)
    return [mean, (squares / (samples - 1)).sqrt()]
