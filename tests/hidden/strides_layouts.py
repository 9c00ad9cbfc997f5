"""Layouts for the checks of strides, as the places of elements in a storage, and what known mistakes make of them."""

from collections.abc import Callable

import torch
from hidden.strides_memory import row_major
from torch import Tensor

from grader.fresh import Fresh

Places = Callable[[], Tensor]
Case = tuple[Tensor, tuple[int, ...]]  # a tensor and what it is asked for


def flat_layouts(fresh: Fresh) -> list[Tensor]:
    """The places of tensors that have a flat view."""
    a, b, c = fresh.sizes(3, 3, 7)
    room = torch.arange(700)
    start = fresh.integer(1, 20)
    grid = room[: 2 * a * b].view(a, 2 * b)
    return [
        *(room[: a * b * c].view(a, b, c), room[start : start + a * b].view(a, b), room[start : start + a]),
        *(grid[2:], grid[1], room[start::2][:c], room[: a * b].view(a, b)[:, 1], grid[:, ::2], grid[:, 1::2]),
        *(grid[:, :1], grid[:, start % b : start % b + 1], room.as_strided((c, 1), (3, 99), start)),
        *(room[start : start + c].view(c, 1).t(), room[: a * b].view(a, 1, b).permute(1, 0, 2), room[start]),
        *(room[start].expand(a, b), room[start].expand(c), room[start : start + 1].view(1, 1)),
        *(room[:0].view(0, a), room[:0].view(a, 0, b).permute(2, 1, 0), room[start:start]),
        *(grid[:, :0], room[: a * b * 2 * c].view(a, b, 2 * c)[..., 1::2]),
        room.as_strided((1, a, 1, b), (5, b, 99, 1), start),
    ]


def matrices(fresh: Fresh) -> list[Tensor]:
    """The places of matrices whose transpose is not contiguous as it stands."""
    a, b = fresh.sizes(2, 3, 7)
    start = fresh.integer(1, 9)
    room = torch.arange(500)
    grid = room[: 4 * a * b].view(2 * a, 2 * b)
    return [
        *(room[: a * b].view(a, b), room[start : start + a * b].view(b, a), room[: a * a].view(a, a), grid[::2, 1:]),
        *(grid[:, ::2], grid[1:, :b], grid.t()[:b, ::2], room[start : start + b].expand(a, b)),
        *(room[start : start + a].view(a, 1).expand(a, b), room[start : start + 2 * b : 2].view(1, b)),
    ]


def diagonal_layouts(fresh: Fresh) -> list[Tensor]:
    a, b = fresh.sizes(2, 3, 7)
    start = fresh.integer(1, 9)
    room = torch.arange(600)
    grid = room[: 4 * a * b].view(2 * a, 2 * b)
    low, high = min(a, b), max(a, b)
    return [
        *(room[: a * b].view(low, high), room[: a * b].view(high, low), room[: a * a].view(a, a), grid.t()),
        *(room[start : start + a * b].view(a, b), grid[::2], grid[:, ::2], grid[1:, 2:], grid[::2, 1:].t()),
        *(room[start : start + b].expand(a, b), room[start].view(1, 1), room[start : start + a].view(1, a)),
        *(room[start : start + a].view(a, 1), room[:0].view(0, a), room[:0].view(a, 0), room[:0].view(0, 0)),
        *(room[: 5 * low].view(5 * low, 1), room[: 3 * a * a].view(3 * a, a)),
    ]


def window_layouts(fresh: Fresh) -> list[Case]:
    """The places of tensors over whose last dim windows go, with (size, step) or (size,)."""
    a, b = fresh.sizes(2, 3, 6)
    length, start = fresh.integer(9, 14), fresh.integer(1, 9)
    room = torch.arange(900)
    grid, cube = room[: 2 * a * length].view(a, 2 * length), room[: a * b * length].view(a, length, b)
    half, row = grid[:, :length], room[start : start + length]
    args = (fresh.integer(2, min(a, 5)), fresh.integer(1, 3))  # in the first layout they fit into the first dim, too
    usual = [
        *(room[: a * length].view(a, length), row, room[start::2][:length], room[: a * length].view(length, a).t()),
        *(grid[:, ::2], grid[1:, 1 : length + 1], cube.mT, cube.permute(2, 0, 1), row.expand(b, length), grid[:0]),
    ]
    edges: list[Case] = [
        *((half, (length,)), (half, (1,)), (grid[:, :1], (1, 3)), (half, (2, 5)), (half, (3, 40))),
        *((room[start : start + 1], (1,)), (grid[:, 1::2], (1, 2)), (cube[:, :, :0].mT, (2, 3)), (grid[1:2], args)),
        *((room[: 6 * a * b].view(b, a, 6).transpose(0, 1), (size, size)) for size in (2, 3, 6)),  # side by side
    ]
    return [(places, args) for places in usual] + edges


def wrong_windows(x: Tensor, size: int, step: int) -> dict[str, Places]:
    """What the known mistakes give, of the values of x or of their places."""
    right = x.unfold(-1, size, step)
    count = right.shape[-2]
    lost = "the leading dims are lost" if count > 1 else "a dim is lost: a leading one, or that of a single window"
    near: dict[str, Places] = {
        "size and number of the windows are swapped": lambda: right.mT,
        "step is ignored": lambda: x.unfold(-1, size, 1),
        "the last window is left out": lambda: right[..., : count - 1, :],
        "the windows do not overlap: step is taken for size": lambda: x.unfold(-1, size, size),
        "the windows go over the first dim, not the last": lambda: (
            x.unfold(0, size, step) if x.dim() and x.shape[0] >= size else right
        ),
        "the windows are those of the elements in memory, whatever the strides of x": lambda: torch.as_strided(
            x, right.shape, (*x.stride()[:-1], step, 1)
        ),
        "the storage offset of x is lost": lambda: torch.as_strided(x, right.shape, right.stride(), 0),
        lost: lambda: right.reshape(-1, size) if count > 1 else right.squeeze(-2),
        "row-major strides are assumed": lambda: torch.as_strided(x, right.shape, (*row_major(x.shape)[:-1], step, 1)),
    }
    return {sentence: _where_possible(make, right) for sentence, make in near.items()}


def _where_possible(make: Places, otherwise: Tensor) -> Places:
    def made() -> Tensor:
        try:
            return make()
        except RuntimeError:
            return otherwise

    return made


def wrong_diagonals(places: Tensor) -> dict[str, Places]:
    """What the known mistakes give."""
    rows, columns = places.shape
    short = min(rows, columns)
    steps = torch.arange(short)
    return {
        "the strides are taken for those of a contiguous matrix": lambda: (
            places.storage_offset() + steps * (columns + 1)
        ),
        "the storage offset of x is lost": lambda: places.diagonal() - places.storage_offset(),
        "the diagonal from the other corner": lambda: places.flip(1).diagonal(),
        "the row length is taken for the length of the diagonal": lambda: places.reshape(-1)[:: columns + 1],
        "the first column, not the diagonal": lambda: places[:short, 0] if columns else places.diagonal(),
        "the first row, not the diagonal": lambda: places[0, :short] if rows else places.diagonal(),
    }


def copies(x: Tensor, shape: tuple[int, ...]) -> bool:
    """Whether torch copies: the result begins elsewhere. Without elements there is no memory, and both begin at 0."""
    return x.reshape(shape).data_ptr() != x.data_ptr()


def reshapes(fresh: Fresh) -> list[Case]:
    """Tensors with all sizes above 1, and shapes that need a copy or do not."""
    a, b, c = fresh.sizes(3, 3, 7)
    d, half = 2 * c, -(-a // 2)
    x, odd = torch.zeros(a, b, d, dtype=torch.float64), torch.zeros(a, b, d + 1, dtype=torch.float64)
    row = torch.zeros(6 * a, dtype=torch.float64)
    turned, swapped, even = x.permute(2, 0, 1), x.transpose(0, 1), x[..., ::2]
    return [
        *((x, (a * b * d,)), (x, (a * b, d)), (x, (d, b, a)), (x, (a, b, c, 2)), (x[1:], ((a - 1) * b, d))),
        *((swapped, (b, a, d)), (swapped, (b, a, c, 2)), (swapped, (b * a, d)), (swapped, (b, a * d))),
        *((turned, (d, a * b)), (turned, (2, c, a, b)), (turned, (d * a, b)), (turned, (d * a * b,))),
        *((even, (a * b * c,)), (even, (a, b * c)), (odd[..., ::2], (a, b * (c + 1)))),
        *((odd[..., ::2], (a * b, c + 1)), (odd[..., 1:], (a, b * d)), (odd[..., 1:], (a * b, 2, c))),
        *((x[:, 1:], (a, (b - 1) * d)), (x[:, 1:], (a * (b - 1), d)), (x[:, 0], (a * d,)), (x[:, 0], (a, 2, c))),
        *((row[::2], (a, 3)), (row[1::3], (2, a)), (x[0].t(), (d * b,)), (x[0].t(), (2, c, b))),
        *((x[0].t(), (c, 2 * b)), (x[::2], (half * b, d)), (x[::2], (half, b * d))),
    ]


def edge_reshapes(fresh: Fresh) -> list[Case]:
    """The same with sizes 0 and 1, without dims, and expanded."""
    a, b, c = fresh.sizes(3, 3, 7)
    d = 2 * c
    x = torch.zeros(a, b, d, dtype=torch.float64)
    line, column, point = x[0, 0], x[:, 0, :1], x[0, 0, 0]
    odd = x.as_strided((a, 1, d), (d, 77, 1))  # no step of 77 is ever taken
    rows, deep, wide = line.expand(a, d), line.expand(a, b, d), column.expand(a, 2 * b)
    return [
        *((x[:, :1], (a, d)), (x[:, :1], (a * d,)), (x[:, :1], (1, a, 1, d)), (x.mT, (a, 1, d, b))),
        *((column, (a,)), (column, (1, a, 1)), (column.t(), (a, 1)), (column.expand(a, b), (a * b,))),
        *((point, ()), (point, (1,)), (point, (1, 1, 1)), (x[:1, 0, :1], ()), (x.mT, (1, a * d * b))),
        *((point.expand(a, b), (a * b,)), (point.expand(a, b), (b, a)), (rows, (d * a,)), (rows, (a, 2, c))),
        *((deep, (a * b, d)), (deep, (a, b * d)), (wide, (a, b, 2)), (wide, (2 * b, a))),
        *((x[:, :0], (0,)), (x[:, :0].transpose(0, 2), (a, 0, 5)), (x[:0].mT, (0, 2, 7)), (x[..., :0].mT, (b, 0))),
        *((x.transpose(0, 1), (b, 1, a * d)), (x.transpose(0, 1), (b, 1, a, d)), (x[:, :1].mT, (a, c, 2))),
        *((odd, (a * d,)), (odd, (d, a)), (odd, (a, d, 1)), (odd.mT, (a, d)), (odd.transpose(0, 2), (d * a,))),
    ]
