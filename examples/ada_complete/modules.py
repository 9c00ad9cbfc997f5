import math
import torch
from torch import Tensor, nn

class ParallelLinears(nn.Module):

    def __init__(self, dim: int, count: int) -> None:
        super().__init__()
        self.linear_list = nn.ModuleList((nn.Linear(dim, dim) for _ in range(count)))

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        return tuple((linear(x) for linear in self.linear_list))

class Classifier(nn.Module):

    def __init__(self, in_dim: int=128, hidden: int=128, classes: int=2) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(in_dim, hidden), nn.ReLU(), nn.Linear(hidden, classes))

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.layers(x)
        return logits

class ResidualMLP(nn.Module):

    def __init__(self, dim: int, depth: int) -> None:
        super().__init__()
        self.blocks = nn.ModuleList((nn.Sequential(nn.Linear(dim, dim), nn.ReLU(), nn.Linear(dim, dim)) for _ in range(depth)))

    def forward(self, x: Tensor) -> Tensor:
        for block in self.blocks:
            x = x + block(x)
        return x

class PositionalEncoding(nn.Module):
    table: Tensor

    def __init__(self, dim: int, max_len: int) -> None:
        super().__init__()
        position = torch.arange(max_len, dtype=torch.float32)
        rate = 10000 ** (-torch.arange(0, dim, 2, dtype=torch.float32) / dim)
        angle = position[:, None] * rate
        table = torch.empty(max_len, dim)
        table[:, 0::2] = torch.sin(angle)
        table[:, 1::2] = torch.cos(angle[:, :dim // 2])
        self.register_buffer('table', table)

    def forward(self, x: Tensor) -> Tensor:
        max_len = self.table.size(0)
        if x.size(1) > max_len:
            raise ValueError(f'x has {x.size(1)} positions, but max_len is {max_len}')
        return x + self.table[:x.size(1)]

class StackedLinears(nn.Module):

    def __init__(self, dim: int, count: int) -> None:
        super().__init__()
        bound = 1 / math.sqrt(dim)
        self.weight = nn.Parameter(torch.empty(count, dim, dim).uniform_(-bound, bound))
        self.bias = nn.Parameter(torch.empty(count, dim).uniform_(-bound, bound))

    def forward(self, x: Tensor) -> Tensor:
        return torch.einsum('bi,koi->kbo', x, self.weight) + self.bias[:, None, :]

def count_parameters(model: nn.Module, trainable_only: bool=False) -> int:
    return sum((p.numel() for p in model.parameters() if p.requires_grad or not trainable_only))

def collect_state(model: nn.Module) -> dict[str, Tensor]:
    state = {}
    for prefix, module in model.named_modules(remove_duplicate=False):
        for name, parameter in module.named_parameters(prefix, recurse=False, remove_duplicate=False):
            state[name] = parameter.detach()
        for name, buffer in module.named_buffers(prefix, recurse=False, remove_duplicate=False):
            if name.rpartition('.')[2] not in module._non_persistent_buffers_set:
                state[name] = buffer.detach()
    return state
