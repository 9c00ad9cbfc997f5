"""How PositionalEncoding is judged: its table, what it adds, and that nothing of it is trained."""

from collections.abc import Mapping
from typing import Any

import torch
from hidden.modules_layers import REMEMBERED, equal, outputs_of
from hidden.modules_references import added_mistakes, sinusoids
from torch import Tensor

from grader.fresh import Fresh
from grader.judge import close, dtype, expect, sequence, shape, tensor
from grader.verdicts import Failed


def both_parities(fresh: Fresh) -> list[tuple[int, int]]:
    """(dim, max_len), two different sizes, once with an even dim and once with an odd one."""
    even, odd = 2 * fresh.integer(2, 4), 2 * fresh.integer(2, 4) + 1
    return [(dim, fresh.choice([size for size in range(4, 10) if size != dim])) for dim in (even, odd)]


def mixed_dims(fresh: Fresh) -> list[int]:
    """Three dims, an even and an odd one among them."""
    dims = [2 * fresh.integer(1, 3), 2 * fresh.integer(1, 3) + 1, fresh.integer(2, 6)]
    fresh.python.shuffle(dims)
    return dims


def table_of(student: Any, sizes: Mapping[str, int]) -> Any:
    """The buffer `table` of a new module."""
    seen = student.probe("layout", student.task, sizes, {})
    if "table" in seen["parameters"]:
        expect(False, "table is a Parameter, not a buffer", "the constant table is a Parameter: it would be trained")
    wrong = "the table is a plain attribute, not a buffer: it is neither saved nor moved"
    expect("table" in seen["buffers"], "the module has no buffer `table`", wrong)
    wrong = "the buffer is not persistent: it is missing from the state_dict"
    expect("table" in seen["keys"], "the state_dict has no key `table`", wrong)
    return shape(seen["buffers"]["table"], (sizes["max_len"], sizes["dim"]), "table")


def within(value: Any, expected: Tensor, near: Mapping[str, Tensor], what: str) -> None:
    """All values right within 1e-4."""

    def agrees(other: Tensor) -> bool:
        return other.shape == values.shape and bool(((values - other).abs() <= 1e-4).all())

    values = floating(shape(value, tuple(expected.shape), what), what).data.double()
    if not agrees(expected):
        off = int((~((values - expected).abs() <= 1e-4)).sum())
        sentence = next((sentence for sentence, other in near.items() if agrees(other)), None)
        raise Failed(f"{what} has {off} of {values.numel()} values wrong by more than 1e-4", sentence)


def floating(value: Any, what: str) -> Any:
    """A tensor of real numbers."""
    seen = tensor(value, what)
    expect(seen.data.is_floating_point(), f"{what} has dtype {seen.dtype}")
    return seen


def added(value: Any, x: Tensor, table: Tensor, near: Mapping[str, Tensor] | None = None) -> None:
    """x with the first rows of the table added."""
    seen = floating(value, "the output")
    close(seen, x.double() + table.double()[: x.size(1)], ulps=4, near=near, what="the output")


def adds_what_is_loaded(student: Any, fresh: Fresh, sizes: Mapping[str, int]) -> None:
    """The table that was loaded is added, for batches of every layout."""
    dim, max_len = sizes["dim"], sizes["max_len"]
    state, own = {"table": fresh.normal(max_len, dim)}, sinusoids(dim, max_len)
    inputs = [fresh.normal(B, T, dim) for B, T in [(2, max_len - 1), (1, max_len), (2, 1), (0, 2), (2, 0)]]
    inputs += [fresh.normal(max_len - 1, 2, dim).transpose(0, 1), fresh.normal(1, 2, dim).expand(3, 2, dim)]
    inputs += [fresh.normal(max_len - 1, max_len - 1, dim), fresh.normal(2, max_len, dim, dtype=torch.float64)]
    for output, x in outputs_of(student, sizes, state, inputs):
        near = added_mistakes(state["table"].double(), x.double(), own)
        added(output, x, state["table"], near)
        dtype(output, x.dtype, "the output of a module in the dtype of x")


def not_trained(student: Any, sizes: Mapping[str, int], x: Tensor) -> None:
    """The table moves to other dtypes, and stays as it is in a step of SGD; what it then holds counts in each call."""
    kinds = sequence(student.probe("buffer_in_two_dtypes", sizes, "table"), 2)
    for seen, wanted in zip(kinds, (torch.float64, torch.float16), strict=True):
        dtype(seen, wanted, "table after .to(dtype)")
        expect(not seen.requires_grad, "table requires a gradient", "the table would be trained")
    observed = student.probe("buffer_after_training", sizes, "table", x)
    before, gradient, others, after, outputs, another = sequence(observed, 6, "the observations")
    close(gradient, x.double(), ulps=4, what="the gradient of x")
    trained = [seen for seen in others if seen is not None and tensor(seen).data.any()]
    expect(not trained, "a Parameter takes part in forward", "the module trains something: it has nothing to learn")
    expect(equal(after, tensor(before).data), "table changed in a step of SGD", "the table is trained")
    table = tensor(before).data
    earlier = [x.double() + table.double()[: x.size(1)], x.double() - table.double()[: x.size(1)]]
    for seen, now, old in zip(sequence(outputs, 2, "the outputs"), (x, -x), earlier, strict=True):
        added(seen, now, -table, {REMEMBERED: old})
    shared = "all modules of these sizes share one table: what is loaded into one changes the others"
    within(another, table.double(), {shared: -table.double()}, "the table of another module after a write to this one")
