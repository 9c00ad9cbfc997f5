import math
from collections.abc import Sequence
from typing import Any
import numpy as np
import torch
from torch import Tensor

def from_rows(rows: Sequence[Any], dtype: torch.dtype=torch.float32, device: str | torch.device='cpu') -> Tensor:
    np.shape(rows)
    return torch.tensor(rows, dtype=dtype, device=device)

def share_array(array: np.ndarray[Any, Any]) -> Tensor:
    return torch.from_numpy(array)

def copy_array(array: np.ndarray[Any, Any], dtype: torch.dtype | None=None, device: str | torch.device='cpu') -> Tensor:
    return torch.tensor(array, dtype=dtype, device=device)

def normal(shape: Sequence[int], mean: float=0.0, std: float=1.0, generator: torch.Generator | None=None, device: str | torch.device='cpu') -> Tensor:
    if std < 0:
        raise ValueError(f'std must not be negative, but is {std}')
    result = torch.empty(tuple(shape), dtype=torch.float32, device=device)
    return result.normal_(mean, std, generator=generator)

def uniform(shape: Sequence[int], low: float=0.0, high: float=1.0, generator: torch.Generator | None=None, device: str | torch.device='cpu') -> Tensor:
    if low > high:
        raise ValueError(f'low must not be greater than high, but {low} > {high}')
    result = torch.empty(tuple(shape), dtype=torch.float32, device=device)
    return result.uniform_(low, high, generator=generator)

def band(n: int, width: int, device: str | torch.device='cpu') -> Tensor:
    index = torch.arange(n, device=device)
    distance = (index[:, None] - index[None, :]).abs()
    return (distance <= width).to(torch.float32)

def causal_mask(n: int, device: str | torch.device='cpu') -> Tensor:
    position = torch.arange(n, device=device)
    return position[None, :] <= position[:, None]

def xavier_uniform(fan_out: int, fan_in: int, gain: float=1.0, generator: torch.Generator | None=None, device: str | torch.device='cpu') -> Tensor:
    bound = gain * math.sqrt(6 / (fan_in + fan_out))
    weight = torch.empty(fan_out, fan_in, dtype=torch.float32, device=device)
    return weight.uniform_(-bound, bound, generator=generator).requires_grad_()

def describe(tensor: Tensor) -> dict[str, Any]:
    return {'shape': tuple(tensor.shape), 'dtype': tensor.dtype, 'device': str(tensor.device), 'requires_grad': tensor.requires_grad, 'is_leaf': tensor.is_leaf, 'item': tensor.item() if tensor.numel() == 1 else None}
