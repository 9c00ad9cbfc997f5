"""How answers about strides are judged, and what the known mistakes answer."""

import math
from collections.abc import Callable
from operator import mul
from typing import Any

import torch
from hidden.strides_layouts import Case, copies, wrong_windows
from hidden.strides_memory import COPY, Both, answers, contiguous, kept, laid, recognised, replies_to, row_major
from torch import Tensor

from grader.confined.values import Seen
from grader.fresh import Fresh
from grader.judge import described, exactly, expect, integer, sequence, tensor
from grader.student import Student
from grader.verdicts import Failed

WORDS = "x tensor input argument layout stride view flat shape copy contig memory"
SAYS = tuple(WORDS.split())  # one of these stands in any message on the matter


def ints(value: Any) -> tuple[int, ...]:
    """A tuple of integers."""
    expect(not isinstance(value, list), "the result is a list, not a tuple", "a list where a tuple is promised")
    expect(isinstance(value, tuple), f"the result is {described(value)}, not a tuple")
    return tuple(integer(item, "an item of the result") for item in value)


def strides_are_right(student: Student, shapes: list[Any]) -> None:
    """The strides of these shapes, in one request."""
    for shape, reply in zip(shapes, replies_to(student, [(shape,) for shape in shapes]), strict=True):
        sizes = tuple(shape)
        right = torch.empty(sizes, device="meta").stride()
        exactly(
            ints(reply),
            right,
            near={
                "column-major: the first index runs fastest": tuple(math.prod(sizes[:d]) for d in range(len(sizes))),
                "a dim's own size is counted in its stride": tuple(math.prod(sizes[d:]) for d in range(len(sizes))),
                "a size of 0 makes the strides on its left 0, but counts as 1 there": tuple(
                    math.prod(sizes[d + 1 :]) for d in range(len(sizes))
                ),
                "counted in bytes, not in elements": tuple(4 * n for n in right),
                "the strides stand in the opposite order": right[::-1],
                "only the size of the next dim counts, not all behind it": tuple(max(n, 1) for n in (*sizes, 1)[1:]),
                "a stride is given to a shape without dims": right if sizes else (1,),
                "the shape is returned, not its strides": sizes,
                "computed in int32, which ends at 2**31 - 1": tuple((n + 2**31) % 2**32 - 2**31 for n in right),
                "computed in float32, which rounds large numbers": tuple(torch.tensor(right).float().long().tolist()),
            },
        )


def offset_is_right(student: Student, index: Any, stride: Any, start: int | None = None) -> None:
    """The offset of one element; start None leaves the storage offset out."""
    pairs = list(zip(index, stride, strict=True))
    inside = sum(i * n for i, n in pairs)
    (reply,) = replies_to(student, [(index, stride) if start is None else (index, stride, start)])
    exactly(
        integer(reply),
        inside + (start or 0),
        near={
            "the storage offset is left out": inside,
            "the index alone is summed, without strides": sum(index) + (start or 0),
            "the stride of the last dim is taken for 1": inside + sum(i - i * n for i, n in pairs[-1:]) + (start or 0),
            "index and stride are paired in opposite order": sum(map(mul, index, stride[::-1])) + (start or 0),
            "counted in bytes, not in elements": 4 * (inside + (start or 0)),
            "computed in float32, which rounds large positions": int(torch.tensor(float(inside)).item()) + (start or 0),
            "computed in float64, which rounds large positions": int(float(inside)) + (start or 0),
            "the storage offset counts once for each dim": inside + len(pairs) * (start or 0),
            "a negative stride counts as a positive one": sum(i * abs(n) for i, n in pairs) + (start or 0),
            "a negative stride is left out": sum(i * max(n, 0) for i, n in pairs) + (start or 0),
        },
    )


def layouts_are_judged(student: Student, layouts: list[tuple[Any, Any]]) -> None:
    """Whether each of these layouts is contiguous, in one request."""
    sure = [(tuple(shape), tuple(stride)) for shape, stride in layouts]
    answers(
        replies_to(student, layouts),
        [contiguous(*layout) for layout in sure],
        near={
            "a stride is asked for in dims of size 1 and in tensors without elements, where it does not matter": [
                stride == row_major(shape) for shape, stride in sure
            ],
            "a stride is asked for in dims of size 1, where it does not matter": [
                0 in shape or stride == row_major(shape) for shape, stride in sure
            ],
            "a stride is asked for in tensors without elements, where it does not matter": [
                all(n == 1 or own == right for n, own, right in zip(shape, stride, row_major(shape), strict=True))
                for shape, stride in sure
            ],
            "only the order of the strides is looked at, not their size": [
                list(stride) == sorted(stride, reverse=True) for _, stride in sure
            ],
            "strides that fall and reach over as many places as there are elements do not suffice: they may overlap": [
                0 in shape or falls_without_gaps(shape, stride) for shape, stride in sure
            ],
            "only the last stride is looked at": [not stride or stride[-1] == 1 for _, stride in sure],
            "the answer is the wrong way round": [not contiguous(*layout) for layout in sure],
            "true for every layout": [True] * len(sure),
            "false for every layout": [False] * len(sure),
        },
    )


def falls_without_gaps(shape: tuple[int, ...], stride: tuple[int, ...]) -> bool:
    """Whether the strides fall, and the last element lies where that of a contiguous tensor does."""
    last = sum((n - 1) * own for n, own in zip(shape, stride, strict=True))
    steps = [own for n, own in zip(shape, stride, strict=True) if n != 1]
    return steps == sorted(steps, reverse=True) and last == math.prod(shape) - 1


def judge_flat(student: Student, fresh: Fresh, places: Tensor) -> None:
    """The flat view of a tensor that has one."""
    why = None if places.is_contiguous() else "takes only contiguous tensors, but others have a flat view, too"
    both = Both(student, fresh, places, places.view(-1), why=why)
    size, shape = places.numel(), tuple(places.shape)
    within = int(places.max()) + 1 if size else 0
    near: dict[str, Callable[[], Tensor]] = {"x is returned with the shape that it had": lambda: places}
    if size:
        near |= {
            "the storage offset of x is lost": lambda: places.view(-1) - places.storage_offset(),
            "the storage is read in order, whatever the strides of x": lambda: (
                torch.arange(within)[-size:] if within >= size else places
            ),
        }
    if len(shape) == 2:
        near["the columns of x are strung together, not its rows"] = lambda: places.t().reshape(-1)
    both.values(near)
    both.shared()


def judge_refusal(student: Student, x: Tensor) -> None:
    """The ValueError for a tensor that has no flat view."""
    try:
        student.refuses(x, naming=SAYS)
    except Failed as failed:
        outcome = student.outcome("call", student.task, x)
        if isinstance(outcome, Seen):
            right = outcome.shape == (x.numel(),) and torch.equal(outcome.data, x.reshape(-1))
            raise Failed(failed.message, COPY if right else "a view with the wrong elements is made") from None
        kinds = getattr(outcome, "bases", [])
        passed_on = "RuntimeError" in kinds and "ValueError" not in kinds
        raise Failed(failed.message, "torch's RuntimeError is let through" if passed_on else failed.diagnosis) from None


def judge_reshapes(student: Student, fresh: Fresh, cases: list[Case]) -> None:
    """Whether each of these reshapes copies, asked of tensors in storages that are looked at afterwards."""
    fresh.python.shuffle(cases)
    storages = contents(fresh, max(x.untyped_storage().nbytes() // 8 for x, _ in cases))
    calls = [(laid(x), fresh.choice([list, tuple, torch.Size])(shape)) for x, shape in cases]
    truths = [copies(*case) for case in cases]
    near = wrong_answers(cases, truths)
    seen = sequence(student.probe("answers_and_storages", student.task, storages, calls), len(storages))
    for storage, observed in zip(storages, seen, strict=True):
        replies, left, after = sequence(observed, 3)
        answers(replies, truths, near)
        same = torch.equal(tensor(left).data.view(torch.uint8), storage.view(torch.uint8))  # NaN too
        written = "x is written to, to see whether the reshaped tensor follows"
        expect(same, "x holds other values after the call", written)
        kept(after, calls, "the shape or strides of x, or the list of sizes,")


def contents(fresh: Fresh, count: int) -> list[Tensor]:
    """Storages for so many elements: numbers to which 1 can be added without a trace are among them, and NaN."""
    values = fresh.normal(count, dtype=torch.float64)
    whole = fresh.integers(-9, 9, count)
    return [values, 2.0**60 * values, torch.full_like(values, math.nan), whole, whole > 0]


def wrong_answers(cases: list[Case], truths: list[bool]) -> dict[str, list[bool]]:
    """What the known mistakes answer."""
    return {
        "asks whether x is contiguous, but other layouts can be viewed, too": [not x.is_contiguous() for x, _ in cases],
        "asks whether x is contiguous: that is wrong for dims that stay as they are": [
            not x.is_contiguous() and tuple(x.shape) != shape for x, shape in cases
        ],
        "asks whether the shape changes": [tuple(x.shape) != shape for x, shape in cases],
        "asks whether the result is contiguous": [not x.reshape(shape).is_contiguous() for x, shape in cases],
        "the answer is the wrong way round": [not truth for truth in truths],
        "true for every layout: a view is taken for a copy": [True] * len(cases),
        "false for every layout: a copy is taken for a view": [False] * len(cases),
    }


def judge_windows(reply: Any, x: Tensor, size: int, step: int) -> None:
    plain = x.detach()
    recognised(reply, plain.unfold(-1, size, step), lambda: dict(wrong_windows(plain, size, step)))


def refuses(student: Student, *args: Any, naming: tuple[str, ...]) -> None:
    """As `student.refuses`, with the mistake named."""
    try:
        student.refuses(*args, naming=naming)
    except Failed as failed:
        outcome = student.outcome("call", student.task, *args)
        kinds = getattr(outcome, "bases", [])
        passed_on = "RuntimeError" in kinds and "ValueError" not in kinds
        raise Failed(failed.message, "torch's RuntimeError is let through" if passed_on else failed.diagnosis) from None


def judge_packed(both: Both, places: Tensor) -> None:
    """The transpose, contiguous."""
    rows, columns = places.shape
    both.values(
        {
            "reshaped, not transposed: the rows are cut, not turned": lambda: places.reshape(columns, rows),
            "not transposed": lambda: places,
        }
    )
    expect(
        contiguous((columns, rows), sequence(both.seen.get("stride"), 2, "the stride of the result")),
        "the result is not contiguous",
        "the transpose keeps the strides of a view, it is not laid out anew",
    )
