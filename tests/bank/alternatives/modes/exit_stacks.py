"""ExitStack and callbacks, preallocated results, and per-tensor arithmetic."""

import functools


def _switch(stack, model):
    for module in model.modules():
        stack.callback(setattr, module, "training", module.training)
    model.train(False)


class evaluation_mode(contextlib.ExitStack):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def __enter__(self):
        super().__enter__()
        _switch(self, self.model)
        return self.model


def predict(model, batches):
    with contextlib.ExitStack() as stack:
        stack.enter_context(torch.inference_mode())
        _switch(stack, model)
        buffer, used = None, 0
        for batch in batches:
            output = model(batch)
            if buffer is None:
                buffer = output.new_empty(max(4, len(output)), *output.shape[1:])
            while used + len(output) > len(buffer):
                buffer = torch.cat([buffer, torch.empty_like(buffer)])
            buffer[used : used + len(output)] = output
            used += len(output)
        return buffer[:used].clone()


def mc_dropout(model, x, samples):
    if samples < 2:
        raise ValueError(f"mc_dropout(samples={samples})")
    with contextlib.ExitStack() as stack:
        stack.enter_context(torch.set_grad_enabled(False))
        _switch(stack, model)
        kinds = Dropout, nn.modules.dropout._DropoutNd
        for module in filter(lambda module: isinstance(module, kinds), model.modules()):
            module.training = True
        passes = [model(x)[None]]
        for _ in range(samples - 1):
            passes.append(model(x)[None])
    passes = torch.cat(passes)
    mean = torch.einsum("s...->...", passes) / samples
    return mean, torch.sqrt(torch.einsum("s...->...", (passes - mean) ** 2) / (samples - 1))


def freeze_batchnorm(model):
    layers = {m for m in model.modules() if {BatchNorm1d, nn.modules.batchnorm._BatchNorm} & set(type(m).__mro__)}
    for layer in layers:
        layer.eval()
        for parameter in (layer._parameters.get("weight"), layer._parameters.get("bias")):
            parameter is None or parameter.requires_grad_(False)
    return functools.reduce(lambda count, _: count + 1, layers, 0)


class Dropout(nn.Module):
    def __init__(self, p=0.5):
        super().__init__()
        assert isinstance(p, (int, float))
        if any((p < 0, p > 1, p == 1, p != p)):
            raise ValueError(f"drop probability {p} is not allowed")
        self.register_buffer("p", torch.tensor(p), persistent=False)
        self.rate = p

    def forward(self, x):
        if not self.training:
            return x
        dropped = torch.rand(x.size(), device=x.device, dtype=torch.float32).lt(self.rate)
        return x.masked_fill(dropped, 0) * (1.0 / (1.0 - self.rate))


class BatchNorm1d(nn.Module):
    __constants__ = ["eps"]

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.weight, self.bias = map(nn.Parameter, (torch.ones(num_features), torch.zeros(num_features)))
        self.running_mean, self.running_var = map(nn.Buffer, (torch.zeros(num_features), torch.ones(num_features)))
        self.register_buffer("num_batches_tracked", torch.zeros(1, dtype=torch.long)[0])

    def statistics(self, x):
        if not self.training:
            return self.running_mean, self.running_var
        if not x.size(0) > 1:
            raise ValueError(f"x: {tuple(x.shape)}")
        mean, var = x.mean(0), x.var(0, unbiased=False)
        with torch.no_grad():
            self.num_batches_tracked.add_(1)
            for running, new in ((self.running_mean, mean), (self.running_var, x.var(0, unbiased=True))):
                running.copy_(running * (1 - self.momentum) + new * self.momentum)
        return mean, var

    def forward(self, x):
        mean, var = self.statistics(x)
        return ((x - mean) / (var + self.eps).sqrt()).mul(self.weight).add(self.bias)
