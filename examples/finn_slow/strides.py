from collections.abc import Sequence
import torch
from torch import Tensor

def row_major_strides(shape: Sequence[int]) -> tuple[int, ...]:
    strides: list[int] = []
    step = 1
    for size in reversed(shape):
        strides.insert(0, step)
        step *= max(size, 1)
    return tuple(strides)

def offset_of(index: Sequence[int], stride: Sequence[int], storage_offset: int=0) -> int:
    if len(index) != len(stride):
        raise ValueError(f'index has {len(index)} entries, stride has {len(stride)}')
    return storage_offset + sum((i * step for i, step in zip(index, stride, strict=True)))

def is_row_major(shape: Sequence[int], stride: Sequence[int]) -> bool:
    if 0 in shape:
        return True
    expected = 1
    for size, own in zip(reversed(shape), reversed(stride), strict=True):
        if size != 1 and own != expected:
            return False
        expected *= size
    return True

def flat_view(x: Tensor) -> Tensor:
    try:
        return x.view(-1)
    except RuntimeError:
        raise ValueError(f'x has strides {x.stride()}: only a copy of it can be flat') from None

def reshape_copies(x: Tensor, shape: Sequence[int]) -> bool:
    try:
        x.view(tuple(shape))
    except RuntimeError:
        return True
    return False

def pack_transpose(x: Tensor) -> Tensor:
    return x.t().clone(memory_format=torch.contiguous_format)

def diagonal(x: Tensor) -> Tensor:
    return x.diagonal()


def windows(x, size, step=1):
    if not 1 <= size <= x.shape[-1]:
        raise ValueError('size does not fit')
    if step < 1:
        raise ValueError('step must be positive')
    return torch.stack([x[..., i:i + size] for i in range(0, x.shape[-1] - size + 1, step)], dim=-2)
