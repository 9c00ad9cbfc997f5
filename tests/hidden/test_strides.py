"""Judgements about strides.

Where memory is the lesson, x lies in a storage of fresh numbers that the judgement knows. `places` is x over the
storage 0, 1, 2, …: it has the layout of x, and its values say where each element lies. What a task makes of x is judged
by values: at first, in the storage after one element of the result was written, and in the result after the whole
storage was overwritten.
"""

import math
from itertools import cycle
from typing import Any

import torch
from hidden.strides_judging import (
    judge_flat,
    judge_packed,
    judge_refusal,
    judge_reshapes,
    judge_windows,
    layouts_are_judged,
    offset_is_right,
    refuses,
    strides_are_right,
)
from hidden.strides_layouts import (
    diagonal_layouts,
    edge_reshapes,
    flat_layouts,
    matrices,
    reshapes,
    window_layouts,
    wrong_diagonals,
    wrong_windows,
)
from hidden.strides_memory import DTYPES, Both, accepted, moved, numbers, recognised

from grader.checks import correctness, gpu, speed
from grader.judge import exactly, expect, integer, on, sequence, stays_on_device

# ---------------------------------------------------------------------------------------------- row_major_strides


@correctness("row_major_strides", points=0.6, hint="The stride of a dim is the product of the sizes on its right.")
def test_row_major_strides_values(student, fresh):
    a, b, c, d = fresh.sizes(4)
    shapes = [
        (a, b, c),
        [a, b],
        torch.Size([a, b, c, d]),
        (d, c, b, a),
        [b, d, a],
        (1, a, b),
        (a, 1, c),
        (b, c, 1),
        (c,),
    ]
    strides_are_right(student, shapes)
    strides_are_right(student, [tuple(fresh.sizes(5)), (fresh.integer(10_000, 99_999), fresh.integer(10_000, 99_999))])


@correctness("row_major_strides", points=0.4, hint="() gives (); a size of 0 counts as 1; compare with torch.empty.")
def test_row_major_strides_edges(student, fresh):
    a, b, c = fresh.sizes(3)
    strides_are_right(student, [(a, b, c), (), [], torch.Size([]), (1,), (1, 1, 1)])
    large = [2 * n + 1 for n in fresh.sizes(2, 50_000, 60_000)]  # int32 can't hold the product, nor can float32
    strides_are_right(student, [(a, 0, c), (0,), (0, a), (a, 0), (a, b, 0), [0, b, c], (a, 0, 0, b), (0, *large)])


# ------------------------------------------------------------------------------------------------------ offset_of


@correctness("offset_of", points=0.6, hint="Index times stride, summed over the dims, plus the storage offset.")
def test_offset_of_values(student, fresh):
    for _ in range(4):
        count = fresh.integer(2, 4)
        index, stride = tuple(fresh.sizes(count, 1, 9)), tuple(fresh.sizes(count, 2, 60))
        offset_is_right(student, index, stride, fresh.integer(11, 99))
        offset_is_right(student, list(index), list(stride))
    index, stride, start = (fresh.integer(1, 9), fresh.integer(1, 9)), (fresh.integer(2, 9), 1), fresh.integer(1, 99)
    expected = start + index[0] * stride[0] + index[1]
    exactly(integer(student.call(index, stride, storage_offset=start)), expected)
    offset_is_right(student, (), (), fresh.integer(1, 99))
    offset_is_right(student, (), ())
    offset_is_right(student, (3, fresh.integer(1, 9)), (0, 5), 7)
    offset_is_right(student, (123_457, fresh.integer(1, 99)), (1_000_003, 1), 11)
    offset_is_right(student, (123_457, 1), (2**40 + 1, 2), 11)
    offset_is_right(student, (fresh.integer(1, 9), fresh.integer(1, 9)), (fresh.integer(2, 9), -1), 99)
    offset_is_right(student, (fresh.integer(1, 9),), (-fresh.integer(2, 9),))


@correctness("offset_of", points=0.4, hint="zip stops at the shorter one: compare the lengths first, or strict=True.")
def test_offset_of_refuses_different_lengths(student, fresh):
    a, b, c = fresh.sizes(3)
    for index, stride in [((a, b), (c,)), ((a,), (b, c)), ((), (a,)), ((a,), ()), ([0, 0, 0], [a, b]), ((0,), (1, 1))]:
        student.refuses(index, stride)
        student.refuses(index, stride, c)
    offset_is_right(student, (a, b), (c, a), b)
    offset_is_right(student, torch.Size([a, b, c]), [b, c, a], c)


# --------------------------------------------------------------------------------------------------- is_row_major


@correctness("is_row_major", points=0.6, hint="Walk from the last dim: each stride is the product of the sizes behind.")
def test_is_row_major_layouts(student, fresh):
    a, b, c = fresh.sizes(3, 3, 9)
    x = torch.empty(a, b, c)
    views = [
        *(x, x[0], x[0, 0], x[1:], x[1], x[:-1, :], torch.empty(b, c, a, 2)),
        *(x.transpose(0, 1), x.permute(2, 0, 1), x.permute(0, 2, 1), x.mT, x[:, :, 0], x[:, 0]),
        *(x[..., ::2], x[:, 1:], x[:, :, 1:], x[::2], x[0, 0, ::2], x[0, :, 0]),
        *(torch.empty(b).expand(a, b), torch.empty(a, 1).expand(a, b), torch.empty(()).expand(a, b)),
        *(torch.empty(()).expand(c), torch.empty(3 * c)[::3]),
    ]
    channels_last = [torch.empty(sizes).movedim(-1, 1) for sizes in ((a, b, c), (a, b, c, 2), (a, 2, b, 2, c))]
    layouts = [(tuple(v.shape), tuple(v.stride())) for v in views + channels_last]
    layouts += [((a, b, c), (b * c + fresh.integer(1, 9), c, 1)), ((a, b, c), (b * c, c + 1, 1)), ((a, b), (2 * b, 2))]
    layouts += [  # these overlap, and the last element lies where that of a contiguous tensor does
        *(((2, a), (2 * a - 1, 0)), ((2, 2, 2 * b), (3 * b, 3 * b, 1)), ((2, b, c), (b * c - b + 1, c + 1, 1))),
    ]
    layouts += [  # the first one's strides are too large for Python to keep one object of each
        ((a, 300 + b, 300 + c), ((300 + b) * (300 + c), 300 + c, 1)),
        ([a, b, c], [b * c, c, 1]),
        (torch.Size([a, b]), (b, 1)),
        ([a, b], [1, a]),
        (torch.Size([b, c]), [1, b]),
    ]
    fresh.python.shuffle(layouts)
    layouts_are_judged(student, layouts)


@correctness(
    "is_row_major", points=0.6, hint="No step is taken along a dim of size 1, and none at all without elements."
)
def test_is_row_major_sizes_0_and_1(student, fresh):
    a, b, c = fresh.sizes(3)
    odd = fresh.integer(50, 90)
    layouts = [
        *((((1, a, b)), (odd, b, 1)), ((a, 1, b), (b, odd, 1)), ((a, b, 1), (b, 1, odd)), ((1, 1, 1), (7, 0, odd))),
        *(((a, 1), (1, 0)), ((1, a), (0, 1)), ((1,), (odd,)), ((1,), (0,)), ((a, 1, 1), (1, odd, 2)), ((), ())),
        *(((0,), (odd,)), ((0, a), (1, odd)), ((a, 0, b), (odd, 3, 9)), ((a, 0), (0, 0)), ((1, 0), (odd, 5))),
        *(((a, 1, b), (2 * b, odd, 1)), ((1, a), (odd, 2)), ((a, 1), (2, 1)), ((a, b, 1), (1, a, 1)), ((1, a), (a, 0))),
        *(((a, b), (b, 1)), ((a, b), (1, a)), ((a, 1, c), (1, a, a)), ((a, b), (2 * b, 2)), ([], [])),
        *(([a, 1, b], [b, odd, 1]), ([a, 1, 0], [odd, odd, 1])),
    ]
    fresh.python.shuffle(layouts)
    layouts_are_judged(student, layouts)


# ------------------------------------------------------------------------------------------------------ flat_view


@correctness("flat_view", points=0.8, hint="Tensor.view copies nothing; is_contiguous asks for more than it needs.")
def test_flat_view_shares_memory(student, fresh):
    for places in flat_layouts(fresh):
        judge_flat(student, fresh, places)
    values = fresh.normal(3, 4, dtype=torch.float64).requires_grad_()
    exactly(student.call(values), values.detach().view(-1))


@correctness("flat_view", points=0.7, hint="reshape and flatten copy silently; view raises a RuntimeError.")
def test_flat_view_refuses_what_only_a_copy_can_do(student, fresh):
    a, b, c = fresh.sizes(3, 3, 7)
    cube, odd = fresh.normal(a, b, c), fresh.normal(a, 2 * b + 1)
    judge_flat(student, fresh, torch.arange(a * b).view(a, b))
    for x in (
        *(odd.t(), odd[:, ::2], odd[:, 1:], odd[:, : b + 1], odd[::2], odd[:, :b]),
        *(cube.transpose(0, 1), cube.permute(2, 1, 0), cube[:, 1:], cube.mT, cube[..., :-1]),
        *(fresh.normal(b).expand(a, b), fresh.normal(a, 1).expand(a, b), fresh.normal(a, 1, c).expand(a, b, c)),
        fresh.integers(-9, 9, b, a).t(),
    ):
        judge_refusal(student, x)


# ------------------------------------------------------------------------------------------------- reshape_copies


@correctness(
    "reshape_copies", points=0.8, hint="Only dims that are merged or cut must lie in memory one after another."
)
def test_reshape_copies_layouts(student, fresh):
    judge_reshapes(student, fresh, reshapes(fresh))


@correctness("reshape_copies", points=0.5, hint="Dims of size 1 never matter, and without elements nothing is copied.")
def test_reshape_copies_edges(student, fresh):
    judge_reshapes(student, fresh, edge_reshapes(fresh))


# -------------------------------------------------------------------------------------------------------- windows


@correctness("windows", points=0.4, hint="Tensor.unfold(-1, size, step), or as_strided with the last stride twice.")
def test_windows_values(student, fresh):
    leads = ((), (6,), (2, 5), (1,), (1, 4))  # 6: windows of every size fit into the first dim, too
    for lead, dtype in zip(leads * 2, cycle(DTYPES), strict=False):
        length, size, step = fresh.integer(11, 19), fresh.integer(2, 5), fresh.integer(2, 4)
        x = numbers(fresh, math.prod(lead) * length, dtype).view(*lead, length)
        judge_windows(student.call(x, size, step), x, size, step)
    x = fresh.normal(4, 13, dtype=torch.float64).requires_grad_()
    judge_windows(student.call(x, 3), x, 3, 1)
    judge_windows(student.call(x, size=6, step=5), x, 6, 5)
    judge_windows(student.call(x.detach(), 2, step=7), x, 2, 7)


@correctness("windows", points=0.3, hint="A view: nothing is copied, and the strides of x are used as they are.")
def test_windows_copy_nothing(student, fresh):
    for places, args in window_layouts(fresh):
        size, step = (*args, 1)[:2]
        both = Both(student, fresh, places, places.unfold(-1, size, step), *args)
        both.values(wrong_windows(places, size, step))
        both.shared()


@correctness("windows", points=0.3, hint="Check size and step first; torch's own errors are RuntimeErrors, or none.")
def test_windows_refuses_bad_sizes(student, fresh):
    length = fresh.integer(5, 9)
    x, y = fresh.normal(length), fresh.normal(2 * length, length, dtype=torch.float64)
    why = "a window as long as the last dim is refused"
    judge_windows(accepted(student, "call", student.task, y, length, 2, why=why), y, length, 2)
    for values in (x, y):
        for size in (length + 1, 2 * length, 0, -1):
            refuses(student, values, size, naming=("size",))
            refuses(student, values, size, 2, naming=("size",))
        for size, step in ((2, 0), (2, -1), (2, -3), (1, 0), (length, 0)):
            refuses(student, values, size, step, naming=("step",))
    refuses(student, x[:0], 1, naming=("size",))
    refuses(student, y[:0], length + 1, naming=("size",))
    refuses(student, y[:0], 2, 0, naming=("step",))
    judge_windows(student.call(y, 2, 1), y, 2, 1)


@gpu("windows", points=0.3, hint="A view of x is on the device of x; nothing needs to move.")
def test_windows_on_device(student, device, fresh):
    for lead in ((), (6,), (2, 4)):
        length, size, step = fresh.integer(11, 29), fresh.integer(2, 5), fresh.integer(2, 4)
        x = fresh.normal(*lead, length)
        seen, trace = student.traced(x, size, step)
        on(seen, device)
        judge_windows(seen, x, size, step)
        stays_on_device(trace)


@speed("windows", points=0.3, hint="No loop and no copy: a view only describes the memory that is there.")
def test_windows_speed(race, fresh):
    count = 400_000

    def one_call():
        begin, length = fresh.integer(0, 99_999), fresh.integer(250_000, 300_000)
        size = fresh.integer(360, 440)
        step = (length - size) // fresh.integer(4_800, 5_200)  # so many windows that a loop which counts them shows
        row = fresh.integer(0, (length - size) // step)
        return begin, begin + length, size, step, row, fresh.integer(0, size - 1)

    calls: list[Any] = []
    start = 0

    def unit():
        nonlocal calls, start
        calls, start = [one_call() for _ in range(250)], fresh.integer(0, 1_000_000)
        return count, start, calls

    def verify(value, _):
        for (begin, end, size, step, row, column), reply in zip(calls, sequence(value, len(calls)), strict=True):
            shape, element, plain = sequence(reply, 3, "an observation")
            expect(plain is True, "the result is not a plain tensor")
            exactly(shape, ((end - begin - size) // step + 1, size), what="the shape of the windows")
            exactly(element, float(start + begin + row * step + column), what="an element of the windows")

    race("many_windows", unit, verify, limit=5.5)


# ------------------------------------------------------------------------------------------------- pack_transpose


@correctness("pack_transpose", points=0.6, hint="t() only swaps the strides, and so does clone() after it.")
def test_pack_transpose_values_and_layout(student, fresh):
    for places in matrices(fresh):
        judge_packed(Both(student, fresh, places, places.t()), places)
    values = torch.complex(fresh.normal(3, 4), fresh.normal(3, 4))
    for x in (values, values.real > 0, values.real.half(), fresh.integers(2**53, 2**60, 3, 4) | 1):
        recognised(student.call(x), x.t(), lambda: {"a complex matrix is conjugated, not only transposed": values.mH})
    spoiled = fresh.normal(3, 4)
    spoiled[0, 1], spoiled[2, 0], spoiled[1, 3] = math.inf, -math.inf, math.nan
    moved(student.call(spoiled), spoiled.t())
    numbers = fresh.normal(2, *fresh.sizes(2, 3, 7))
    both = sequence(student.probe("call_many", student.task, [(x,) for x in numbers]), 2)
    for x, packed in zip(numbers, both, strict=True):
        exactly(packed, x.t(), near={"the next result is written into the memory of the one before": numbers[1].t()})


@correctness(
    "pack_transpose", points=0.6, hint="contiguous() returns the tensor itself where it is contiguous already."
)
def test_pack_transpose_owns_its_memory(student, fresh):
    a, b = fresh.sizes(2, 3, 7)
    start = fresh.integer(1, 9)
    room = torch.arange(500)
    for places in (
        *(room[: a * b].view(a, b), room[start : start + b].view(1, b), room[start : start + b].view(b, 1)),
        *(room[start : start + a * b].view(a, b).t(), room[: a * b].view(b, a)[1:].t(), room[start].view(1, 1)),
        *(room[:0].view(0, b), room[:0].view(b, 0), room[: a * a].view(a, a).t(), room.as_strided((1, b), (77, 1), 5)),
    ):
        both = Both(student, fresh, places, places.t())
        judge_packed(both, places)
        trap = places.t().is_contiguous()
        both.independent(
            "contiguous() copies nothing where the transpose is contiguous already: the result shares the memory of x"
            if trap
            else "the transpose is a view on the memory of x"
        )


# ------------------------------------------------------------------------------------------------------- diagonal


@correctness("diagonal", points=0.6, hint="x[i, i] lies stride(0) + stride(1) further than the one before.")
def test_diagonal_values(student, fresh):
    for places in diagonal_layouts(fresh):
        Both(student, fresh, places, places.diagonal()).values(wrong_diagonals(places))
    values = fresh.normal(4, 3, dtype=torch.float64).requires_grad_()
    exactly(student.call(values), values.detach().diagonal())


@correctness("diagonal", points=0.6, hint="torch.diag copies; Tensor.diagonal and as_strided are views.")
def test_diagonal_is_writable(student, fresh):
    for places in diagonal_layouts(fresh):
        both = Both(student, fresh, places, places.diagonal())
        both.values(wrong_diagonals(places))
        both.shared()
