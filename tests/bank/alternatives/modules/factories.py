"""Inheritance from torch's containers, and the generic routes to the same registers."""


class Classifier(nn.Module):
    def __init__(self, in_dim=128, hidden=128, classes=2, *, activation=nn.ReLU):
        super().__init__()
        from collections import OrderedDict

        parts = [nn.Linear(in_dim, hidden), activation(), nn.Linear(hidden, classes)]
        self.layers = nn.Sequential(OrderedDict((str(i), part) for i, part in enumerate(parts)))

    __call__ = lambda self, x: self.layers(x)  # noqa: E731


class PositionalEncoding(nn.Module):
    def __init__(self, dim, max_len):
        super().__init__()
        self.dim = dim
        self.register_buffer("table", self.make(max_len), persistent=True)

    @torch.no_grad()
    def make(self, max_len):
        p = torch.arange(max_len).unsqueeze(1)
        k = torch.arange(self.dim)
        even = k - k % 2
        return torch.sin(p / 10000 ** (even / self.dim) + (k % 2) * (math.pi / 2))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        B, T, D = x.size()
        M = self.table.size(0)
        if T > M:
            raise ValueError(f"T={T} > max_len={M}")
        positions = torch.arange(T, device=x.device).expand(B, T)
        return x + self.table[positions]


class StackedLinears(nn.Module):
    def __init__(self, dim, count):
        super().__init__()
        self.weight, self.bias = nn.Parameter(torch.rand(count, dim, dim)), nn.Parameter(torch.rand(count, dim))

    def forward(self, x):
        return (self.weight[:, None] * x[None, :, None]).sum(-1) + self.bias[:, None]


def collect_state(model):
    import collections

    kept = {
        f"{prefix}{'.' if prefix else ''}{name}"
        for prefix, module in model.named_modules(remove_duplicate=False)
        for name in (*module._parameters, *module._buffers)
        if name not in module._non_persistent_buffers_set
    }
    return collections.OrderedDict(
        (key, tensor.detach())
        for prefix, module in model.named_modules(remove_duplicate=False)
        for items in (module.named_parameters, module.named_buffers)
        for key, tensor in items(prefix, recurse=False, remove_duplicate=False)
        if key in kept
    )
