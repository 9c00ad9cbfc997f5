"""Initialize a Tensor: from Python lists, from NumPy, from random numbers, and filled with a pattern.

A tensor has values, a dtype, a device, and sometimes a memory that it shares with somebody else. Each task below makes
one of these choices explicit.

Rules for this module
- A task with a `device` argument creates its result directly there: nothing is made on the CPU and moved afterwards.
  Nothing is copied there but the data of an argument (`rows`, `array`), and nothing is read back: neither by `item()`
  or an `if`, nor by `nonzero()` or a mask as an index, where Python waits to hear how many elements there are.
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


def from_rows(rows: Sequence[Any], dtype: torch.dtype = torch.float32, device: str | torch.device = "cpu") -> Tensor:
    """Build a tensor from nested Python lists.

    Args:
        rows: numbers (int, float or bool) in lists of equal length, to any depth; an empty list is allowed.
        dtype: element type of the result, whatever the type of the Python numbers. No digits get lost on the way:
            a float64 is not rounded to float32 first, an int64 never becomes a float.
        device: where the result is created. All numbers go there together, in one transfer.

    Returns:
        A new tensor with the shape of the nested lists: `(0,)` for an empty list, `(2, 0)` for two empty rows.

    Raises:
        ValueError: rows of unequal length, on any level. torch's own message will do. (torch doesn't notice when the
            first of them is empty; nor need you.)

    >>> from_rows([[1, 2, 3], [4, 5, 6]])
    tensor([[1., 2., 3.],
            [4., 5., 6.]])

    Slide: Initialize a Tensor, "directly from data".
    """
    raise NotImplementedError("from_rows")


def share_array(array: np.ndarray[Any, Any]) -> Tensor:
    """View a NumPy array as a tensor on the same memory: a write on either side shows on the other.

    Args:
        array: a writable array in native byte order with non-negative strides, of any shape and dtype that torch
            knows. It may be transposed, or a slice with steps.

    Returns:
        A CPU tensor of the array's shape and dtype that owns no memory of its own.

    >>> numbers = np.zeros(3)
    >>> tensor = share_array(numbers)
    >>> numbers[0] = 7
    >>> tensor
    tensor([7., 0., 0.], dtype=torch.float64)

    Slide: Initialize a Tensor, "from a NumPy array".
    """
    raise NotImplementedError("share_array")


def copy_array(
    array: np.ndarray[Any, Any], dtype: torch.dtype | None = None, device: str | torch.device = "cpu"
) -> Tensor:
    """Copy a NumPy array into a tensor of its own: later writes to the array don't show.

    Args:
        array: a writable array in native byte order with non-negative strides, of any shape. It is left as it is.
        dtype: element type of the result; None keeps the array's.
        device: where the result is created.

    Returns:
        A tensor of the array's shape, independent of the array whatever its dtype.

    >>> numbers = np.zeros(2)
    >>> tensor = copy_array(numbers, dtype=torch.float32)
    >>> numbers[0] = 7
    >>> tensor
    tensor([0., 0.])

    Slide: Initialize a Tensor, "from a NumPy array".
    """
    raise NotImplementedError("copy_array")


def normal(
    shape: Sequence[int],
    mean: float = 0.0,
    std: float = 1.0,
    generator: torch.Generator | None = None,
    device: str | torch.device = "cpu",
) -> Tensor:
    """Draw normally distributed float32 numbers.

    Args:
        shape: sizes of the result.
        mean: of the distribution.
        std: standard deviation (not the variance), at least 0; with 0, every number is `mean`.
        generator: source of the numbers, on `device`; None means torch's global one.
        device: where the result is created.

    Returns:
        float32 of that shape.

    Raises:
        ValueError: std is negative; the message names `std`.

    >>> normal((2, 3), std=0.0)
    tensor([[0., 0., 0.],
            [0., 0., 0.]])

    Slide: Initialize a Tensor, "with random or constant values".
    """
    raise NotImplementedError("normal")


def uniform(
    shape: Sequence[int],
    low: float = 0.0,
    high: float = 1.0,
    generator: torch.Generator | None = None,
    device: str | torch.device = "cpu",
) -> Tensor:
    """Draw float32 numbers uniformly from [low, high).

    Args:
        shape: sizes of the result.
        low: lower bound, included.
        high: upper bound, reached only through rounding; equal to `low` it gives `low` everywhere.
        generator: source of the numbers, on `device`; None means torch's global one.
        device: where the result is created.

    Returns:
        float32 of that shape.

    Raises:
        ValueError: low is greater than high; the message names `low` or `high`.

    >>> uniform((2, 2), low=3.0, high=3.0)
    tensor([[3., 3.],
            [3., 3.]])

    Slide: Initialize a Tensor, "with random or constant values".
    """
    raise NotImplementedError("uniform")


def band(n: int, width: int, device: str | torch.device = "cpu") -> Tensor:
    """Make a band matrix: 1 where row and column lie at most `width` apart, else 0.

    Args:
        n: number of rows and of columns; 0 is allowed.
        width: how far the band reaches to either side of the diagonal, at least 0; it may exceed n.
        device: where the result is created.

    Returns:
        A new (n, n) float32 tensor. No Python loop: compare all rows with all columns at once.

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
        A new (n, n) bool tensor: rows are queries and columns are keys, True where the key may be seen. No Python loop.

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
