"""Helper classes, subclasses of Sequential and Linear, and a stack instead of recursion."""

import itertools


class _Perceptron(nn.Sequential):
    def __init__(self, *sizes):
        pairs = list(itertools.pairwise(sizes))
        layers = [layer for a, b in pairs for layer in (nn.Linear(a, b), nn.ReLU())][:-1]
        super().__init__(*layers)


class ParallelLinears(nn.Module):
    linear_list: nn.ModuleList

    def __init__(self, dim, count):
        super().__init__()
        self.dim, self.count = dim, count
        self.linear_list = nn.ModuleList([_Named(dim, dim) for _ in range(count)])

    def forward(self, x):
        return tuple([module(x) for name, module in self.linear_list.named_children()])


class _Named(nn.Linear):
    pass


class Classifier(nn.Module):
    def __init__(self, in_dim=128, hidden=128, classes=2):
        super().__init__()
        self.layers = _Perceptron(in_dim, hidden, classes)
        for module in self.layers:
            if isinstance(module, nn.Linear):
                nn.init.kaiming_normal_(module.weight)
                nn.init.zeros_(module.bias)

    def forward(self, x):
        return self.layers.forward(x)


class _Residual(_Perceptron):
    def forward(self, x):
        return super().forward(x) + x


class ResidualMLP(nn.Module):
    def __init__(self, dim, depth):
        super().__init__()
        self.blocks = nn.ModuleList(_Residual(dim, dim, dim) for _ in range(depth))
        for block in self.blocks:
            nn.init.zeros_(block[2].weight)
            nn.init.zeros_(block[2].bias)

    def forward(self, x):
        return nn.Sequential(*self.blocks)(x)


class StackedLinears(nn.Module):
    def __init__(self, dim, count):
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(count, dim))
        self.weight = nn.Parameter(torch.stack([nn.init.orthogonal_(torch.empty(dim, dim)) for _ in range(count)]))

    def forward(self, x):
        return torch.matmul(self.weight, x.T).mT + self.bias.unsqueeze(-2)


def collect_state(model):
    state, waiting = {}, [("", model)]
    while waiting:
        prefix, module = waiting.pop()
        with torch.no_grad():
            for name, tensor in itertools.chain(module._parameters.items(), module._buffers.items()):
                if tensor is not None and name not in module._non_persistent_buffers_set:
                    state[prefix + name] = tensor.detach().requires_grad_(False)
        children = [(f"{prefix}{name}.", child) for name, child in module._modules.items() if child is not None]
        waiting.extend(reversed(children))
    return state
