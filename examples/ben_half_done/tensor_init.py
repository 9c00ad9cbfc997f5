"""Initialize a Tensor: from Python lists, from NumPy, from random numbers, and filled with a pattern.

A tensor has values, a dtype, a device, and sometimes a memory that it shares with somebody else. Each task below makes
one of these choices explicit.

Rules for this module
- A task with a `device` argument creates its result directly there: nothing is made on the CPU and moved afterwards.
- A task with a `generator` argument takes all its random numbers from it, and leaves torch's global generators alone.
  Generators with equal seeds give equal results, and one generator gives other numbers in the next call. Without a
  generator the numbers come from torch's global one, so `torch.manual_seed` makes them repeatable. Which numbers come
  out is up to you; their distribution is not.
- A `shape` is a tuple, a list or a `torch.Size`; `()` and `(0, 3)` are shapes as well.
- torch's global settings (default dtype, default device, grad mode) stay as they were.
"""

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


def band(n: int, width: int, device: str | torch.device = "cpu") -> Tensor:
    """Make a band matrix: 1 where row and column lie at most `width` apart, else 0.

    Args:
        n: number of rows and of columns; 0 is allowed.
        width: how far the band reaches to either side of the diagonal, at least 0; it may exceed n.
        device: where the result is created.

    Returns:
        (n, n) float32. No Python loop: compare all rows with all columns at once.

    >>> band(4, 1)
    tensor([[1., 1., 0., 0.],
            [1., 1., 1., 0.],
            [0., 1., 1., 1.],
            [0., 0., 1., 1.]])

    Slide: Initialize a Tensor, "with a pattern".
    """
    raise NotImplementedError("band")


def causal_mask(n: int, device: str | torch.device = "cpu") -> Tensor:
    """Make the mask of a language model: query i may see key j only when j <= i.

    Args:
        n: number of positions; 0 is allowed.
        device: where the result is created.

    Returns:
        (n, n) bool, rows are queries and columns are keys, True where the key may be seen. No Python loop.

    >>> causal_mask(3)
    tensor([[ True, False, False],
            [ True,  True, False],
            [ True,  True,  True]])

    Slide: Initialize a Tensor, "with a pattern".
    """
    raise NotImplementedError("causal_mask")


def xavier_uniform(
    fan_out: int,
    fan_in: int,
    gain: float = 1.0,
    generator: torch.Generator | None = None,
    device: str | torch.device = "cpu",
) -> Tensor:
    """Draw a weight matrix whose scale keeps the variance of activations and gradients alike.

    Args:
        fan_out: number of rows, the features that go out.
        fan_in: number of columns, the features that come in.
        gain: factor on the bound, above 0.
        generator: source of the numbers, on `device`; None means torch's global one.
        device: where the result is created.

    Returns:
        (fan_out, fan_in) float32, uniform within ±gain·sqrt(6 / (fan_in + fan_out)). It is a trainable leaf on the
        device, a Tensor or a Parameter: an optimizer can take it as it is.

    >>> weight = xavier_uniform(4, 2)
    >>> weight.shape, weight.requires_grad, weight.is_leaf
    (torch.Size([4, 2]), True, True)
    >>> bool((weight.abs() <= 1.0).all())
    True

    Slide: Initialize a Tensor, "weights of a layer"; Glorot and Bengio, 2010.
    """
    raise NotImplementedError("xavier_uniform")


def describe(tensor: Tensor) -> dict[str, Any]:
    """Say what a tensor is.

    Args:
        tensor: of any shape and dtype, on any device. It is left as it is.

    Returns:
        A dict with these keys.

        - `shape`: a tuple of ints; a torch.Size is one.
        - `dtype`: a torch.dtype.
        - `device`: a str such as "cpu" or "cuda:0".
        - `requires_grad`, `is_leaf`: bools.
        - `item`: of a tensor with exactly one element, whatever its shape, that element as a Python number: an int, a
          float, a bool or a complex, as the dtype says. Else None.

    >>> describe(torch.zeros(2, 3))["item"] is None
    True
    >>> describe(torch.ones(1, dtype=torch.int64))["item"]
    1

    Slide: Initialize a Tensor, "attributes of a tensor".
    """
    raise NotImplementedError("describe")
