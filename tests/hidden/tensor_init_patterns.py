"""How bands, masks and their rows are judged."""

from typing import Any

import torch
from hidden.tensor_init_calls import takes
from torch import Tensor

from grader.judge import dtype, exactly, expect, sequence, tensor


def distances(n: int) -> Tensor:
    """Row number minus column number."""
    index = torch.arange(n)
    return index[:, None] - index


def band_is_right(student, n: int, width: int) -> None:
    apart = distances(n)
    seen = takes(student, "wide bands or small matrices are not taken", n, width)
    dtype(seen, torch.float32, near={"left as bool": torch.bool, "left as integers": torch.int64})
    near = {
        "the edge of the band is left out: < where <= is meant": lambda: apart.abs() < width,
        "one diagonal too many on either side": lambda: apart.abs() <= width + 1,
        "only the lower half of the band": lambda: (apart >= 0) & (apart <= width),
        "only the upper half of the band": lambda: (apart <= 0) & (apart >= -width),
        "the distance lacks abs(): everything above the diagonal is in the band": lambda: apart <= width,
        "the distance lacks abs(): everything below the diagonal is in the band": lambda: apart >= -width,
        "0 and 1 are swapped": lambda: apart.abs() > width,
        "width counts the whole band, not either side": lambda: apart.abs() <= width // 2,
        "only the diagonal and the edges of the band": lambda: (apart == 0) | (apart.abs() == width),
        "the distances are int8, which ends at 127": lambda: apart.to(torch.int8).abs() <= width,
        "the squared distances are int16, which ends at 32767": lambda: apart.to(torch.int16) ** 2 <= width**2,
    }
    exactly(seen, (apart.abs() <= width).float(), near={name: lambda of=of: of().float() for name, of in near.items()})


def secret_rows(fresh, sizes: list[int]) -> list[int]:
    """A row of each matrix to look at; the task can't know which."""
    return [fresh.integer(0, n - 1) for n in sizes]


def same_rows(value: Any, reference: Any) -> None:
    """All shapes and rows as in the reference's reply."""
    shapes, rows = sequence(value, 2)
    expect(shapes == reference[0], "a result has another shape than the docstring promises")
    exactly(rows, tensor(reference[1]).data, what="the rows that were looked at")


def row_far_down_is_right(student, fresh) -> None:
    """A row of a large mask, where numbers of half precision run together."""
    n, row = fresh.integer(2070, 2079), fresh.choice((2048, 2064))  # row + 1 is rounded to row
    sizes, seen = sequence(student.probe("rows_of_many", student.task, [(n,)], [row]), 2)
    exactly(sizes, [(n, n)], what="the shapes")
    index = torch.arange(n)
    near = {
        f"the positions are {name}, in which large numbers run together": index.to(kind) <= index[row].to(kind)
        for name, kind in (("float16", torch.float16), ("bfloat16", torch.bfloat16))
    }
    exactly(seen, index <= row, near=near, what="a row of a large mask")
