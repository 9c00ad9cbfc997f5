"""Stride, contiguous, view and reshape: where the elements of a tensor lie in memory, and who shares that memory.

A tensor is a flat storage and a way to read it: a shape, a stride for each dim, and a storage offset. The stride of a
dim says how many elements further in the storage its next index lies. Transposing, slicing, expanding and viewing
change only these numbers, and so cost next to nothing; the result is a *view*, and a write to it shows in the
original. A copy moves every element, and then the two have nothing to do with each other.

Rules for this module: strides and offsets count elements, not bytes. A task that promises a view copies nothing, and a
task that promises a copy shares nothing. No task writes to its argument.
"""

from collections.abc import Sequence

import torch
from torch import Tensor


def row_major_strides(shape: Sequence[int]) -> tuple[int, ...]:
    """Work out the strides of a fresh contiguous tensor: the last index runs fastest.

    Args:
        shape: sizes as a tuple, list or torch.Size; may be empty, and sizes may be 0.

    Returns:
        A tuple (not a list) with one int for each dim, in elements; `()` for the shape `()`. It equals
        `torch.empty(shape).stride()`, in which a size of 0 counts as 1 for the dims on its left.

    >>> row_major_strides((2, 3, 4))
    (12, 4, 1)
    >>> row_major_strides((2, 0, 3))
    (3, 3, 1)

    Slide: Stride, contiguous, view and reshape, "stride".
    """
    raise NotImplementedError("row_major_strides")


def offset_of(index: Sequence[int], stride: Sequence[int], storage_offset: int = 0) -> int:
    """Find an element in the storage.

    Args:
        index: one non-negative index for each dim, as a tuple or list; may be empty, as a 0-d tensor has no dims.
        stride: one stride for each dim, in elements; any numbers, those of a transposed or expanded tensor too.
        storage_offset: where in the storage the element with all indices 0 lies.

    Returns:
        The element's position in the storage, in elements, as an int.

    Raises:
        ValueError: index and stride differ in length; any message will do.

    >>> x = torch.arange(12).reshape(3, 4)[1:].t()
    >>> offset_of((2, 1), x.stride(), x.storage_offset())
    10
    >>> x[2, 1]
    tensor(10)

    Slide: Stride, contiguous, view and reshape, "stride".
    """
    raise NotImplementedError("offset_of")


def is_row_major(shape: Sequence[int], stride: Sequence[int]) -> bool:
    """Tell whether a layout is contiguous, as `Tensor.is_contiguous()` does.

    Args:
        shape: sizes as a tuple, list or torch.Size.
        stride: as many strides, in elements.

    Returns:
        True when the elements in row-major order lie next to each other in memory. The stride of a dim of size 1 does
        not matter, as no step is ever taken along it. A tensor without elements (a size is 0) is contiguous whatever
        its strides, and so is the shape `()`.

    >>> is_row_major((2, 3), (3, 1)), is_row_major((3, 2), (1, 3))
    (True, False)
    >>> is_row_major((2, 1, 3), (3, 99, 1))
    True

    Slide: Stride, contiguous, view and reshape, "contiguous".
    """
    raise NotImplementedError("is_row_major")


def flat_view(x: Tensor) -> Tensor:
    """View all elements as one row, in row-major order, without a copy.

    This is possible exactly when one stride leads from each element to the next. A contiguous tensor always has a flat
    view, but it is not the only one: `x[::2]` of a 1-D x has one with stride 2.

    Args:
        x: a tensor with any number of dims, sizes of 0 and 1 included.

    Returns:
        A 1-D tensor on the storage of x, so that a write to either shows in the other. A 0-d x gives shape `(1,)`, an x
        without elements gives `(0,)`.

    Raises:
        ValueError: only a copy could put the elements into one row; the message names `x`. (`Tensor.view` raises a
            RuntimeError then, which is not a ValueError.)

    >>> x = torch.zeros(2, 3)
    >>> flat_view(x)[4] = 7.0
    >>> x
    tensor([[0., 0., 0.],
            [0., 7., 0.]])

    Slide: Stride, contiguous, view and reshape, "view".
    """
    raise NotImplementedError("flat_view")


def reshape_copies(x: Tensor, shape: Sequence[int]) -> bool:
    """Tell whether `x.reshape(shape)` has to copy the elements, or can return a view.

    Args:
        x: a tensor of any layout; it keeps its values.
        shape: sizes as a tuple, list or torch.Size; they fit x, and none is -1.

    Returns:
        True when reshape copies, False when its result shares the memory of x. An x without elements needs no copy.

    >>> x = torch.zeros(2, 3)
    >>> reshape_copies(x, (3, 2)), reshape_copies(x.t(), (6,))
    (False, True)

    Slide: Stride, contiguous, view and reshape, "reshape".
    """
    raise NotImplementedError("reshape_copies")


def windows(x: Tensor, size: int, step: int = 1) -> Tensor:
    """Cut the last dim into sliding windows, without a copy: overlapping windows share their elements.

    Args:
        x: (…, T), at least 1-D, any layout.
        size: length of a window, from 1 to T. (A T of 0 has no windows: any size is refused.)
        step: how many elements further the next window begins, at least 1; it may exceed `size`.

    Returns:
        (…, n, size) with n = (T - size) // step + 1; window i holds the elements from i·step to i·step + size - 1.
        Elements behind the last whole window are left out. It is a view: a write to x shows in it, and a write to it
        shows in x. No Python loop over the windows and no copy of them: the time it takes does not grow with T.

    Raises:
        ValueError: size > T or size < 1, and the message names `size`; step < 1, and the message names `step`.

    >>> windows(torch.arange(7), 3, step=2)
    tensor([[0, 1, 2],
            [2, 3, 4],
            [4, 5, 6]])

    Slide: Stride, contiguous, view and reshape, "views with other strides".
    """
    raise NotImplementedError("windows")


def pack_transpose(x: Tensor) -> Tensor:
    """Transpose a matrix and lay the result out in row-major order, in memory of its own.

    Args:
        x: (N, M), any layout: it may be a single row, or a transposed view itself; N or M may be 0.

    Returns:
        (M, N), contiguous, with the dtype of x. It never shares storage with x: a later write to one does not show in
        the other. (`contiguous()` returns its own tensor, not a copy, where that is contiguous already.)

    >>> x = torch.tensor([[1, 2, 3], [4, 5, 6]])
    >>> packed = pack_transpose(x)
    >>> packed
    tensor([[1, 4],
            [2, 5],
            [3, 6]])
    >>> packed.stride(), x.t().stride()
    ((2, 1), (1, 3))

    Slide: Stride, contiguous, view and reshape, "contiguous".
    """
    raise NotImplementedError("pack_transpose")


def diagonal(x: Tensor) -> Tensor:
    """View the main diagonal of a matrix.

    Args:
        x: (N, M), any layout, square or not; N or M may be 0.

    Returns:
        A 1-D view with the min(N, M) elements x[i, i]. It can be written to, and the write shows in x; a write to x
        shows in it.

    >>> x = torch.zeros(2, 3)
    >>> diagonal(x)[:] = 5.0
    >>> x
    tensor([[5., 0., 0.],
            [0., 5., 0.]])

    Slide: Stride, contiguous, view and reshape, "views with other strides".
    """
    raise NotImplementedError("diagonal")
