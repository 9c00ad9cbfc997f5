import contextlib
from collections.abc import Iterable, Iterator
import torch
from torch import Tensor, nn

class Dropout(nn.Module):

    def __init__(self, p: float=0.5) -> None:
        super().__init__()
        if not 0 <= p < 1:
            raise ValueError(f'p is {p}, which is not in [0, 1)')
        self.p = p

    def forward(self, x: Tensor) -> Tensor:
        if not self.training:
            return x
        kept = torch.empty_like(x).bernoulli_(1 - self.p)
        return x * kept / (1 - self.p)

class BatchNorm1d(nn.Module):
    running_mean: Tensor
    running_var: Tensor
    num_batches_tracked: Tensor

    def __init__(self, num_features: int, eps: float=1e-05, momentum: float=0.1) -> None:
        super().__init__()
        self.eps, self.momentum = (eps, momentum)
        self.weight = nn.Parameter(torch.ones(num_features))
        self.bias = nn.Parameter(torch.zeros(num_features))
        self.register_buffer('running_mean', torch.zeros(num_features))
        self.register_buffer('running_var', torch.ones(num_features))
        self.register_buffer('num_batches_tracked', torch.tensor(0))

    def forward(self, x: Tensor) -> Tensor:
        if self.training:
            mean, var = (x.mean(dim=0), self._variance(x))
            self._average(mean, var, len(x))
        else:
            mean, var = (self.running_mean, self.running_var)
        return (x - mean) / torch.sqrt(var + self.eps) * self.weight + self.bias

    def _variance(self, x: Tensor) -> Tensor:
        if len(x) < 2:
            raise ValueError(f'x has {len(x)} rows, but in training the batch needs at least 2')
        return x.var(dim=0, correction=0)

    @torch.no_grad()
    def _average(self, mean: Tensor, var: Tensor, rows: int) -> None:
        unbiased = var * rows / (rows - 1)
        self.running_mean += self.momentum * (mean - self.running_mean)
        self.running_var += self.momentum * (unbiased - self.running_var)
        self.num_batches_tracked += 1

@contextlib.contextmanager
def evaluation_mode(model: nn.Module) -> Iterator[nn.Module]:
    with _modes_kept(model):
        model.eval()
        yield model

def predict(model: nn.Module, batches: Iterable[Tensor]) -> Tensor:
    with _modes_kept(model), torch.no_grad():
        model.eval()
        return torch.cat([model(batch) for batch in batches])

def freeze_batchnorm(model: nn.Module) -> int:
    kinds = (nn.modules.batchnorm._BatchNorm, BatchNorm1d)
    layers = [module for module in model.modules() if isinstance(module, kinds)]
    for layer in layers:
        layer.eval()
        layer.requires_grad_(False)
    return len(layers)

def mc_dropout(model: nn.Module, x: Tensor, samples: int) -> tuple[Tensor, Tensor]:
    if samples < 2:
        raise ValueError(f'samples is {samples}, but a standard deviation takes at least 2')
    with _modes_kept(model), torch.no_grad():
        model.eval()
        for module in model.modules():
            if isinstance(module, (nn.modules.dropout._DropoutNd, Dropout)):
                module.train()
        outputs = torch.stack([model(x) for _ in range(samples)])
    return (outputs.mean(dim=0), outputs.std(dim=0))

@contextlib.contextmanager
def _modes_kept(model: nn.Module) -> Iterator[None]:
    before = [(module, module.training) for module in model.modules()]
    try:
        yield
    finally:
        for module, training in before:
            module.training = training
