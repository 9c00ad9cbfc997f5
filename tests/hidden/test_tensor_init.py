"""Judgements about tensor_init.

Random tasks have many right streams. What is judged is the law that the numbers follow (bounds beyond six sigma), and
which generator they come from.
"""

import math
from typing import Any

import torch
from hidden.tensor_init_calls import NO_GRAD, made_there, refuses, settled, settled_under, takes, traced
from hidden.tensor_init_draws import bell, interval, large_shape, small_shape, some_dtypes, weight_shape
from hidden.tensor_init_facts import (
    described_and_left,
    description,
    facts,
    item_is,
    product_described_and_left,
    trainable,
)
from hidden.tensor_init_laws import follows, normal_law, obeys_generators, singles, uniform_law, within
from hidden.tensor_init_memory import DTYPES, copies, new_each_time, shares
from hidden.tensor_init_mistakes import both, normal_mistakes, uniform_mistakes, xavier_mistakes
from hidden.tensor_init_patterns import band_is_right, distances, row_far_down_is_right, same_rows, secret_rows

from grader.checks import correctness, gpu, speed
from grader.confined.values import OnDevice, Seeded
from grader.judge import (
    close,
    described,
    dtype,
    exactly,
    expect,
    integer,
    knowing,
    on,
    sequence,
    shape,
    stays_on_device,
    tensor,
)

# ------------------------------------------------------------------------------------------------------------ from_rows


@correctness("from_rows", points=0.4, hint="torch.tensor takes nested lists and a dtype.")
def test_from_rows_values_and_dtype(student, fresh):
    for depth, wanted in enumerate((torch.float32, torch.int64, torch.float64, torch.int32), start=1):
        numbers = fresh.integers(-99, 99, *fresh.sizes(min(depth, 3), 1, 6))
        near = {"the dtype is always float32": torch.float32, "the dtype asked for is ignored": torch.int64}
        levels = "only lists of lists are taken" if depth != 2 else "nested lists are not taken"
        seen = dtype(takes(student, levels, numbers.tolist(), dtype=wanted), wanted, near=near)
        turned = {"rows and columns are swapped": numbers.mT.to(wanted)} if depth > 1 else {}
        exactly(seen, numbers.to(wanted), near=turned)
    flags = fresh.integers(0, 1, 3, 4).bool()
    exactly(student.call(flags.tolist(), dtype=torch.bool), flags)
    numbers = fresh.integers(1, 99, 3, 2)
    dtype(student.call(numbers.tolist()), torch.float32, near={"integers stay integers by default": torch.int64})
    exactly(settled(student, numbers.tolist()), numbers.float())
    new_each_time(student, numbers.float(), numbers.tolist())


@correctness("from_rows", points=0.3, hint="An empty list has shape (0,); rows of unequal length are a ValueError.")
def test_from_rows_edges(student, fresh):
    exactly(takes(student, "an empty list is not taken", []), torch.empty(0))
    exactly(student.call([], dtype=torch.int64), torch.empty(0, dtype=torch.int64))
    exactly(student.call([[], []]), torch.empty(2, 0))
    exactly(student.call([[], []], dtype=torch.float64), torch.empty(2, 0, dtype=torch.float64))
    value = fresh.number(-1, 1)
    lossy = {"the numbers go through float32 and lose digits": torch.tensor([[value]]).double()}
    exactly(student.call([[value]], dtype=torch.float64), torch.tensor([[value]], dtype=torch.float64), near=lossy)
    large = [[fresh.integer(2**53, 2**60) | 1, 2]]
    lossy = {
        "whole numbers go through float32 and lose digits": torch.tensor(large).float().long(),
        "whole numbers go through float64 and lose digits": torch.tensor(large).double().long(),
    }
    exactly(student.call(large, dtype=torch.int64), torch.tensor(large), near=lossy)
    for kind in (torch.float64, torch.complex128):
        exactly(student.call([1, value], dtype=kind), torch.tensor([1, value], dtype=kind))
    for ragged in (
        *([[1.0, 2.0], [3.0]], [[1], [2, 3], [4]], [[1, 2], []], [[[1, 2], [3, 4]], [[5, 6], [7]]]),
        *([[[1, 2], [3, 4]], [[5], [6]]], [[[1], [2]], [[3]]], [[[1], [2]], [[3, 4], [5, 6]]]),
    ):
        refuses(student, ragged)
        refuses(student, ragged, dtype=torch.float64)
    refuses(student, [[1, 2], [3], [4, 5, 6]])  # as many numbers as in three rows of two


@gpu("from_rows", points=0.3, hint="One call sends all the data: torch.tensor(rows, device=device), or .to(device).")
def test_from_rows_on_device(student, device, fresh):
    rows = fresh.integers(-99, 99, *fresh.sizes(2, 7, 12))
    for wanted, place in ((torch.float32, device), (torch.int64, torch.device(device))):
        seen, trace = traced(student, rows.tolist(), dtype=wanted, device=place)
        on(seen, device)
        exactly(seen, rows.to(wanted))
        stays_on_device({**trace, "cpu_ops": []}, to_device=1)  # making the data ready on the CPU is fine
        pieces = "the numbers are sent piece by piece"
        launches = integer(trace.get("launches"), "the count of launches")
        expect(launches <= 4, f"{launches} operations on the device for one list", pieces)
    made_there(student, device, [])


# ------------------------------------------------------------------------------------------------------ NumPy's memory


@correctness("share_array", points=0.4, hint="torch.from_numpy shares the array's memory; torch.tensor copies it.")
def test_share_array_writes_show_on_both_sides(student, fresh):
    for kind in (torch.float32, torch.float64):
        shares(student, fresh, kind, "contiguous", *fresh.sizes(2))
        shares(student, fresh, kind, "contiguous", fresh.integer(2, 9))


@correctness("share_array", points=0.3, hint="A tensor has strides as well: no copy is needed for a transposed array.")
def test_share_array_strided(student, fresh):
    for layout in ("transposed", "strided"):
        shares(student, fresh, torch.float64, layout, *fresh.sizes(2))
        shares(student, fresh, torch.float32, layout, *fresh.sizes(3, 2, 5))
    shares(student, fresh, torch.float64, "contiguous", *[fresh.integer(5, 7)] * 2)
    shares(student, fresh, torch.int64, "strided", fresh.integer(3, 9))


@correctness("share_array", points=0.3, hint="Keep the array's dtype and shape, whatever they are.")
def test_share_array_dtypes_and_shapes(student, fresh):
    for kind in DTYPES:
        shares(student, fresh, kind, "contiguous", *fresh.sizes(2, 2, 5))
    for sizes in ((), (1,), (0,), (0, 3), (1, 3), (4, 1), (1, 2, 1)):
        for kind in some_dtypes(fresh):
            shares(student, fresh, kind, "contiguous", *sizes)


@correctness(
    "copy_array", points=0.4, hint="from_numpy and as_tensor share memory, and .to(dtype) copies only if it must."
)
def test_copy_array_is_independent(student, fresh):
    for kind in (torch.float32, torch.float64):
        for options in ({}, {"dtype": kind}, {"dtype": torch.float32}, {"dtype": torch.float64}):
            for place in ({}, {"device": torch.device("cpu")}):
                copies(student, fresh, kind, "contiguous", *fresh.sizes(2), **options, **place)
    for layout in ("transposed", "strided"):
        copies(student, fresh, torch.float32, layout, *fresh.sizes(2))
        copies(student, fresh, torch.int64, layout, *fresh.sizes(3, 2, 5), dtype=torch.int64)


@correctness("copy_array", points=0.3, hint="dtype=None keeps the array's dtype; another one is what the result has.")
def test_copy_array_dtypes(student, fresh):
    for kind in DTYPES:
        copies(student, fresh, kind, "contiguous", *fresh.sizes(2, 2, 5))
    for kind, wanted in ((torch.int64, torch.float32), (torch.bool, torch.int32), (torch.uint8, torch.float64)):
        copies(student, fresh, kind, "contiguous", *fresh.sizes(2, 2, 5), dtype=wanted)
    numbers = fresh.normal(3, 2, dtype=torch.float64)
    lossy = {"the numbers go through float32 and lose digits": numbers.float().double()}
    exactly(student.call(numbers.numpy()), numbers, near=lossy)
    exactly(student.call(numbers.numpy(), dtype=torch.float32), numbers.float())
    exactly(student.call(1e30 * numbers.numpy(), dtype=torch.bfloat16), (1e30 * numbers).bfloat16())
    large = fresh.integers(2**53, 2**60, 4) | 1
    for wanted in (None, torch.int64):
        lossy = {"whole numbers lose digits": large.double().long()}
        exactly(student.call(large.numpy(), dtype=wanted), large, near=lossy)


@correctness("copy_array", points=0.3, hint="Shapes () and (0, 3) are shapes too; device= says where the copy lies.")
def test_copy_array_edges_and_device(student, device, fresh):
    for sizes in ((), (1,), (0,), (0, 3), (1, 3), (4, 1)):
        for kind in some_dtypes(fresh):
            copies(student, fresh, kind, "contiguous", *sizes)
    values = fresh.normal(*fresh.sizes(2))
    as_it_is = settled(student, values.numpy(), device=device)
    wider = student.call(values.numpy(), dtype=torch.float64, device=torch.device(device))
    for seen, wanted in ((as_it_is, torch.float32), (wider, torch.float64)):
        exactly(on(seen, device), values.to(wanted))


# ----------------------------------------------------------------------------------------------------- random numbers


WHOLE = {"bounds or moments that are whole numbers make a tensor of whole numbers": torch.int64}


@correctness("normal", points=0.4, hint="A standard normal number, times std, plus mean.")
def test_normal_distribution(student, fresh):
    sizes, (mean, std) = large_shape(fresh), bell(fresh)
    numbers = follows(student.call(sizes, mean, std), sizes, normal_law(mean, std), normal_mistakes(mean, std))
    settled(student, [2, 3], mean, std)
    tails = int(((numbers - mean).abs() > 3.05 * std).sum())  # about 30; rounding puts a clamp to 3 beyond 3
    expect(tails >= 4, f"only {tails} of {numbers.numel()} numbers lie far from the mean", "the tails are cut off")
    fourth = float(((numbers - mean) / std).pow(4).mean())  # 3 with a deviation of 0.09 at most
    expect(2.2 < fourth < 3.8, "too many or too few numbers lie far from the mean", "a bell, but not the normal one")
    follows(student.call(sizes), sizes, normal_law(0, 1))


@correctness("normal", points=0.4, hint="Hand generator on to the call that draws; None means the global generator.")
def test_normal_generator(student, fresh):
    sizes, (mean, std) = small_shape(fresh), bell(fresh)
    obeys_generators(student, fresh, sizes, normal_law(mean, std), sizes, mean, std)
    obeys_generators(student, fresh, (5, 9), normal_law(0, 1), (5, 9))
    obeys_generators(student, fresh, (1,), normal_law(mean, std), (1,), mean, std)


@correctness(
    "normal", points=0.2, hint="std = 0 is allowed, std < 0 a ValueError; shapes () and (0, 3) are shapes too."
)
def test_normal_edges(student, fresh):
    mean, std = bell(fresh)
    law = normal_law(mean, std)
    singles(student, fresh, (), law, (), mean, std)
    singles(student, fresh, (2,), normal_law(2 * mean, math.sqrt(2) * std), (2,), mean, std, count=20)
    shape(student.call([1], mean, std), (1,))
    sizes = small_shape(fresh)
    for form, middle in ((list(sizes), mean), (torch.Size(sizes), -mean)):
        follows(student.call(form, mean=middle, std=std), sizes, normal_law(middle, std))
    exactly(student.call((0, 3), mean, std), torch.empty(0, 3))
    constant = dtype(takes(student, "std = 0 is refused", (2, 3), mean=mean, std=0.0), torch.float32)
    close(constant, torch.full((2, 3), mean, dtype=torch.float64), ulps=2)
    dtype(student.call((2, 3), 3, 0), torch.float32, near=WHOLE)
    refuses(student, (2, 3), std=-fresh.number(0.5, 2), naming=("std",))
    refuses(student, (2,), mean, -1e-3, naming=("std",))
    refuses(student, (0, 3), std=-1.0, naming=("std",))


@gpu(
    "normal",
    points=0.4,
    hint="Create it with device=, draw from a generator of that device; decide nothing in Python by its values.",
)
def test_normal_on_device(student, device, fresh):
    sizes, (mean, std) = small_shape(fresh), bell(fresh)
    law = normal_law(mean, std)
    seen, trace = traced(student, sizes, mean, std, generator=Seeded(fresh.seed(), device), device=device)
    follows(on(seen, device), sizes, law)
    stays_on_device(trace)
    made_there(student, device, (2, 3), mean, 0.0)
    obeys_generators(student, fresh, sizes, law, sizes, mean, std, place=device)


@correctness("uniform", points=0.4, hint="A number from [0, 1), times (high - low), plus low.")
def test_uniform_distribution(student, fresh):
    sizes, (low, high) = large_shape(fresh), interval(fresh)
    within(
        follows(student.call(sizes, low, high), sizes, uniform_law(low, high), uniform_mistakes(low, high)), low, high
    )
    settled(student, [2, 3], low, high)
    within(follows(student.call(sizes), sizes, uniform_law(0, 1)), 0, 1)


@correctness("uniform", points=0.4, hint="Hand generator and device on; None means the global generator.")
def test_uniform_generator_and_device(student, device, fresh):
    sizes, (low, high) = small_shape(fresh), interval(fresh)
    settled_under({}, student, sizes, low, high, device=device)
    for place in dict.fromkeys(("cpu", device)):
        obeys_generators(student, fresh, sizes, uniform_law(low, high), sizes, low, high, place=place)
    obeys_generators(student, fresh, (5, 9), uniform_law(0, 1), (5, 9))
    obeys_generators(student, fresh, (1,), uniform_law(low, high), (1,), low, high)


@correctness("uniform", points=0.4, hint="low = high gives low; low > high is a ValueError; () and (0, 3) are shapes.")
def test_uniform_edges(student, fresh):
    low, high = interval(fresh)
    law = uniform_law(low, high)
    within(singles(student, fresh, (), law, (), low, high), low, high)
    shape(student.call([1], low, high), (1,))
    sizes = small_shape(fresh)
    near, far = fresh.number(1, 2), fresh.number(3, 5)
    seen = takes(student, "good bounds are refused", sizes, -far, 0.0)
    within(follows(seen, sizes, uniform_law(-far, 0)), -far, 0)
    for form, a, b in (
        (list(sizes), near, far),
        (torch.Size(sizes), -near, far),
        (sizes, -far, -near),
        (sizes, -far, 0.0),
    ):
        seen = takes(student, "good bounds are refused", form, low=a, high=b)
        within(follows(seen, sizes, uniform_law(a, b)), a, b)
    exactly(student.call((0, 3), low, high), torch.empty(0, 3))
    constant = dtype(takes(student, "low = high is refused", (2, 3), low, low), torch.float32)
    close(constant, torch.full((2, 3), low, dtype=torch.float64), ulps=4)
    dtype(student.call((2, 3), 3, 3), torch.float32, near=WHOLE)
    _far_away(student.call(sizes, 2.0**20, 2.0**20 + 1), sizes, 2.0**20)
    for a, b in ((high, low), (-near, -far), (near, -far)):
        refuses(student, (2, 3), a, b, naming=("low", "high"))
    refuses(student, (4,), low=0.0, high=-1e-3, naming=("low", "high"))


def _far_away(value: Any, sizes: tuple[int, ...], low: float) -> None:
    """Numbers in [low, low + 1], so far from 0 that float32 knows but a few between."""
    numbers = dtype(shape(value, sizes), torch.float32).data.double().flatten() - low
    within(numbers + low, low, low + 1)
    spread = numbers.unique().numel() >= 4 and abs(float(numbers.mean()) - 0.5) < 0.1
    expect(spread, "far from 0 the numbers are not spread over the interval")


@correctness(
    "xavier_uniform", points=0.4, hint="The bound is gain * sqrt(6 / (fan_in + fan_out)), on either side of 0."
)
def test_xavier_uniform_distribution(student, fresh):
    rows, columns = sizes = weight_shape(fresh)
    gain, bound = fresh.number(1.5, 3), math.sqrt(6 / (rows + columns))
    settled(student, 2, 3, gain)
    within(
        follows(
            student.call(rows, columns, gain),
            sizes,
            both(gain * bound),
            xavier_mistakes(rows, columns, gain),
            swapped=True,
        ),
        -gain * bound,
        gain * bound,
    )
    within(follows(student.call(*sizes), sizes, both(bound), swapped=True), -bound, bound)
    single = gain * math.sqrt(3)
    within(singles(student, fresh, (1, 1), both(single), 1, 1, gain), -single, single)
    wide = gain * math.sqrt(6 / 2001)
    within(follows(student.call(1, 2000, gain), (1, 2000), both(wide), swapped=True), -wide, wide)


@correctness(
    "xavier_uniform", points=0.4, hint="Ask for gradients last, on the finished tensor; or make it a Parameter."
)
def test_xavier_uniform_trainable(student, fresh):
    rows, columns = sizes = weight_shape(fresh)
    bound = math.sqrt(6 / (rows + columns))
    trainable(student.call(rows, columns))
    made = tensor(settled_under(NO_GRAD, student, rows, columns))
    follows_mode = "the grad mode decides whether the weight asks for gradients"
    expect(made.requires_grad, "made under torch.no_grad(), the weight does not ask for gradients", follows_mode)
    gradient = fresh.normal(*sizes)
    before, after = sequence(student.probe("one_step", rows, columns, gradient), 2)
    follows(before, sizes, uniform_law(-bound, bound), swapped=True)
    stepped = before.data.double() - gradient.double()
    close(dtype(trainable(after), torch.float32), stepped, what="the weight after a step of SGD")


@correctness("xavier_uniform", points=0.2, hint="Hand generator on to the call that draws.")
def test_xavier_uniform_generator(student, fresh):
    sizes, gain = weight_shape(fresh), fresh.number(1.5, 3)
    for rows, columns in (sizes, (1, 1)):
        bound = gain * math.sqrt(6 / (rows + columns))
        obeys_generators(student, fresh, (rows, columns), uniform_law(-bound, bound), rows, columns, gain)
    bound = math.sqrt(6 / (5 + 9))
    obeys_generators(student, fresh, (5, 9), uniform_law(-bound, bound), 5, 9)


@gpu(
    "xavier_uniform",
    points=0.3,
    hint="Create it there: .to(device) after requires_grad is no leaf. Decide nothing in Python by its values.",
)
def test_xavier_uniform_on_device(student, device, fresh):
    sizes, gain = weight_shape(fresh), fresh.number(1.5, 3)
    bound = gain * math.sqrt(6 / sum(sizes))
    law = uniform_law(-bound, bound)
    seen, trace = traced(student, *sizes, gain, generator=Seeded(fresh.seed(), device), device=device)
    follows(on(seen, device), sizes, law)
    trainable(seen)
    stays_on_device(trace)
    obeys_generators(student, fresh, sizes, law, *sizes, gain, place=device)


# ------------------------------------------------------------------------------------------------------------ patterns


@correctness("band", points=0.5, hint="Compare row and column numbers by broadcasting; <= includes the edge.")
def test_band_values(student, fresh):
    for n, width in [
        (fresh.integer(5, 9), fresh.integer(1, 3)),
        (5, 2),
        (6, 3),
        (6, 0),
        (1, 0),
        (1, 5),
        (4, 9),
        (5, 4),
        (0, 1),
    ]:
        band_is_right(student, n, width)
    band_is_right(student, fresh.integer(260, 290), fresh.integer(1, 3))
    settled(student, 5, 1)
    for n, width in ((5, 1), (5, 4), (4, 9)):
        new_each_time(student, (distances(n).abs() <= width).float(), n, width)


@gpu(
    "band",
    points=0.3,
    hint="Give device= to the call that creates the numbers; decide nothing in Python by their values.",
)
def test_band_on_device(student, device, fresh):
    for place in (device, torch.device(device)):
        n, width = fresh.integer(5, 20), fresh.integer(1, 3)
        seen, trace = traced(student, n, width, device=place)
        on(seen, device)
        exactly(seen, (distances(n).abs() <= width).float())
        stays_on_device(trace)


@speed("band", points=0.4, hint="No Python loop: n*n comparisons in one call.")
def test_band_speed(race, fresh):
    def unit():
        sizes = [fresh.integer(130, 165) for _ in range(90)]
        calls = [(n, fresh.integer(n // 2, n - 9)) for n in sizes]
        return "band", calls, secret_rows(fresh, sizes)

    race("rows_of_many", unit, same_rows, limit=4.4)


@correctness("causal_mask", points=0.4, hint="Rows are queries, columns are keys: True where column <= row.")
def test_causal_mask_values(student, fresh):
    for n in (fresh.integer(5, 9), fresh.integer(10, 30), 1, 2, 0):
        seen = student.call(n)
        later = distances(n)
        numbers = {"floats, where True and False are promised": torch.float32}
        numbers |= {"integers, where True and False are promised": torch.int64}
        dtype(seen, torch.bool, near=numbers)
        near = {
            "turned over: keys after the query can be seen": later <= 0,
            "True where a key is hidden": later < 0,
            "the query can't see itself: < where <= is meant": later > 0,
            "every key can be seen": torch.ones(n, n, dtype=torch.bool),
        }
        exactly(seen, later >= 0, near=near)
    counts = range(1, 65)
    for n, seen in zip(counts, sequence(student.probe("call_many", student.task, [(n,) for n in counts])), strict=True):
        exactly(seen, distances(n) >= 0)
    settled(student, 5)
    new_each_time(student, distances(5) >= 0, 5)
    row_far_down_is_right(student, fresh)


@gpu(
    "causal_mask",
    points=0.3,
    hint="Give device= to the call that creates the numbers; decide nothing in Python by their values.",
)
def test_causal_mask_on_device(student, device, fresh):
    for n, place in zip(fresh.sizes(2, 5, 20), (device, torch.device(device)), strict=True):
        seen, trace = traced(student, n, device=place)
        on(seen, device)
        exactly(seen, distances(n) >= 0)
        stays_on_device(trace)


@speed("causal_mask", points=0.4, hint="No Python loop: n*n comparisons in one call.")
def test_causal_mask_speed(race, fresh):
    unused: list[int] = []

    def unit():
        if not unused:  # no size comes twice in ten units, so that no call can answer another
            unused.extend(fresh.sizes(360, 40, 430))
        sizes = [unused.pop() for _ in range(36)]
        return "causal_mask", [(n,) for n in sizes], secret_rows(fresh, sizes)

    race("rows_of_many", unit, same_rows, limit=7)


# ------------------------------------------------------------------------------------------------------------ describe


@correctness("describe", points=0.4, hint="Each is an attribute of the tensor; str() turns a device into text.")
def test_describe_facts(student, device, fresh):
    for kind in (torch.float32, torch.float64, torch.int64, torch.bool, torch.uint8):
        sizes = tuple(fresh.sizes(fresh.integer(1, 3)))
        facts(described_and_left(student, fresh.integers(0, 9, *sizes).to(kind)), sizes, kind, "cpu", False, True)
    for sizes in ((), (1,), (0, 3), (1, 4)):
        values = fresh.normal(*sizes)
        facts(described_and_left(student, values), sizes, torch.float32, "cpu", False, True)
        facts(described_and_left(student, values.requires_grad_()), sizes, torch.float32, "cpu", True, True)
    values = fresh.normal(*fresh.sizes(2), dtype=torch.float64)
    computed = product_described_and_left(student, values, fresh.number(1, 2))
    facts(computed, tuple(values.shape), torch.float64, "cpu", True, False)
    facts(described_and_left(student, values.mT), tuple(values.mT.shape), torch.float64, "cpu", False, True)
    moved = OnDevice(values, device)
    facts(described_and_left(student, moved), tuple(values.shape), torch.float64, device, False, True)


@correctness("describe", points=0.4, hint="item() of a tensor with exactly one element, else None.")
def test_describe_item(student, fresh):
    single = (fresh.normal(), fresh.normal(1), fresh.normal(1, 1, 1, dtype=torch.float64))
    whole = (
        fresh.integers(2**53, 2**60, 1, 1) | 1,
        fresh.integers(-9, -1).int(),
        fresh.integers(0, 9, 1).to(torch.uint8),
    )
    complexes = (torch.tensor(complex(fresh.number(1, 9), imaginary)) for imaginary in (2, 0))
    views = fresh.normal(5)[3:4], fresh.integers(-9, 9, 3, 4)[2, 1]
    for values in (*single, *whole, fresh.normal(1).half(), *complexes, *views):
        item_is(described_and_left(student, values), values.item())
    with knowing({"ScalarType": "a detour through NumPy, which does not know every dtype of torch"}):
        values = fresh.normal(1).bfloat16()
        item_is(described_and_left(student, values), values.item())
    for flag in (True, False):
        item_is(described_and_left(student, torch.tensor([flag])), flag)
    number = fresh.normal(1, 1)
    item_is(described_and_left(student, number.clone().requires_grad_()), number.item())
    item_is(product_described_and_left(student, number, 2.0), 2.0 * number.item())
    for sizes in ((0,), (0, 3), (1, 0), (2,), (1, 3), (2, 2)):
        for values in (fresh.normal(*sizes), fresh.integers(0, 1, *sizes)):
            said = description(student.call(values))["item"]
            first = "the first element, though the tensor does not have exactly one"
            expect(said is None, f"item is {described(said)} for a tensor without exactly one element", first)
