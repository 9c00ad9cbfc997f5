"""What the outputs of a dropout layer tell about its masks."""

from collections.abc import Mapping
from typing import Any

import torch
from hidden.modes_models import RESEEDED
from torch import Tensor

from grader.judge import described, dtype, exactly, expect, sequence, shape
from grader.verdicts import Failed

SIGMAS = 7.5  # a false alarm in 1e13 judgements
ROUNDING = 2e-6  # a scale that was computed in float32 will do

NOTHING = "nothing is dropped in training"
NO_GRAD = "nothing is dropped under torch.no_grad(), though the layer is in training mode"
EVERYTHING = "everything is dropped"
SWAPPED = "p is taken for the probability that an entry is kept"
UNSCALED = "the kept entries are not scaled by 1 / (1 - p)"
DEPENDENT = "one draw decides for several entries: whole rows, columns or examples are dropped"
FIXED = "the mask is the same in each call"
KEPT = "the mask of an earlier call comes again: it is kept, not drawn anew"
COUNTED = "always the same number of entries is dropped: the draws are not independent"
WRITTEN = "forward writes to its input"
ALWAYS = "dropout is on in eval mode, too: the flag `training` is not looked at"
NEVER = "dropout is off in training mode"


def distinct_from_zero(x: Tensor) -> Tensor:
    """Entries whose absence can be told from their value."""
    return torch.where(x < 0, x - 0.25, x + 0.25)


def scales(p: float) -> Mapping[str, float]:
    """What an entry may be multiplied with by mistake."""
    return {
        UNSCALED: 1.0,
        "the kept entries are multiplied by 1 - p, not divided": 1 - p,
        "the kept entries are divided by p": 1 / max(p, 1e-9),
        "the kept entries are scaled twice": 1 / (1 - p) ** 2,
        "the kept entries are multiplied by p": p,
        "the kept entries are scaled by 1 / sqrt(1 - p)": (1 - p) ** -0.5,
    }


def mask_of(value: Any, x: Tensor, p: float, what: str = "the output", nothing: str = NOTHING) -> Tensor:
    """Which entries are kept; the kept ones are x / (1 - p)."""
    expect(value is not None, f"{what} is {described(value)}, not a tensor", "forward returns nothing")
    near = {"the result is float32, whatever x is": torch.float32, "the result is a mask, not x": torch.bool}
    seen = dtype(shape(value, tuple(x.shape), what), x.dtype, what, near).data.double()
    x64, kept = x.double(), seen != 0
    rounding = max(ROUNDING, 4 * torch.finfo(x.dtype).eps)  # half precision: the scale, the product, a detour
    if not _scaled(seen, x64 / (1 - p), kept, rounding):
        found = (sentence for sentence, scale in scales(p).items() if _scaled(seen, x64 * scale, kept, rounding))
        wrong = next(found, None)
        if wrong == UNSCALED and kept.numel() > 100 and kept.all():
            wrong = nothing
        raise Failed(f"{what} has entries that are neither 0 nor as the docstring promises", wrong)
    return kept


def _scaled(seen: Tensor, wanted: Tensor, kept: Tensor, rounding: float) -> bool:
    return bool(((seen - wanted).abs() <= rounding * wanted.abs())[kept].all())


def share_is_right(kept: Tensor, p: float, where: str = "") -> None:
    """As many entries are kept as 1 - p promises."""
    if not _likely(kept, 1 - p):
        count, total = int(kept.sum()), kept.numel()
        near = {NOTHING: count == total, EVERYTHING: count == 0, SWAPPED: _likely(kept, p)}
        wrong = next((sentence for sentence, holds in near.items() if holds), None)
        raise Failed(f"{total - count} of {total} entries are dropped{where}, which p = {p:.3f} doesn't explain", wrong)


def _likely(kept: Tensor, keep: float) -> bool:
    spread = (kept.numel() * keep * (1 - keep)) ** 0.5
    return bool(abs(float(kept.sum()) - kept.numel() * keep) <= SIGMAS * spread + 1e-9)


def independent(kept: Tensor, p: float) -> None:
    """Masks (calls, …): no entry goes with another one along any dim, nor with itself in the next call."""
    for dim in range(kept.dim()):
        if _together(kept.movedim(dim, 0).flatten(1).float(), 1 - p):
            if dim == 0:
                raise Failed("the entries that are dropped in two calls have to do with each other", FIXED)
            raise Failed(f"entries along dim {dim - 1} are dropped together", DEPENDENT)


def _together(rows: Tensor, keep: float) -> bool:
    """Whether rows at some distance have more or fewer kept entries in common than by chance."""
    size = len(rows)
    first, second = torch.triu_indices(size, size, 1)
    counts = torch.zeros(size).index_add(0, second - first, (rows @ rows.T)[first, second])
    totals = rows.size(1) * torch.arange(size, 0, -1)
    variance = totals * (keep**2 * (1 - keep**2) + 2 * (keep**3 - keep**4))
    return bool(((counts - totals * keep**2).abs() > SIGMAS * variance.sqrt())[1:].any())


def drawn_anew_each(outputs: Any, x: Tensor, p: float) -> None:
    """Many calls on a small input: each is a draw of its own, and so is each entry."""
    calls = outputs.shape[0] if hasattr(outputs, "shape") and outputs.shape else 1
    kept = mask_of(outputs, x.expand(calls, *x.shape), p, "the outputs")
    share_is_right(kept, p)
    if x.numel() >= 60:
        again = calls - len({bytes(mask.tolist()) for mask in kept.reshape(calls, -1)})
        expect(not again, f"in {calls} calls {again} masks are equal to earlier ones", KEPT)
    counts = kept.reshape(calls, -1).sum(dim=1)
    half = x.numel() // 2
    if x.numel() == 4 and p == 0.5 and not _likely(counts == half, 0.375):
        raise Failed("the number of dropped entries does not vary as in independent draws", COUNTED)


def untouched(after: Any, x: Tensor) -> None:
    expect(bool(torch.equal(after.data, x)), "the input holds other values after forward", WRITTEN)


def identity(value: Any, x: Tensor, p: float, when: str) -> None:
    """Exactly the values of x."""
    what = f"the output {when}"
    near = {
        "the output in eval mode is scaled by 1 - p": x * (1 - p),
        "the output in eval mode is scaled by 1 / (1 - p)": x / (1 - p),
        "the output in eval mode is scaled by p": x * p,
    }
    expect(value is not None, f"{what} is {described(value)}, not a tensor", "forward returns nothing")
    dropped = getattr(value, "shape", None) == tuple(x.shape) and bool((value.data == 0).any())
    always = "p = 0 drops something" if p == 0 else ALWAYS
    exactly(value, x, what=what, near={always: value.data} if dropped and x.numel() else near)


def passes(gradient: Any, kept: Tensor, cotangent: Tensor, p: float) -> None:
    """The gradient of x: the cotangent, masked and scaled like the output."""
    cut = "no gradient gets through: the graph is cut"
    expect(gradient is not None, "x gets no gradient", cut)
    seen = dtype(shape(gradient, tuple(cotangent.shape), "the gradient"), cotangent.dtype, "the gradient").data
    full = cotangent.double() / (1 - p)
    wanted = torch.where(kept, full, 0.0)
    near = {
        "the gradient is not masked": full,
        "the gradient is neither masked nor scaled": cotangent.double(),
        "the gradient is not scaled": torch.where(kept, cotangent.double(), 0.0),
        "the gradient is scaled twice": wanted / (1 - p),
        cut: torch.zeros_like(wanted),
    }
    if not _close(seen, wanted):
        wrong = next((sentence for sentence, other in near.items() if _close(seen, other)), None)
        raise Failed("the gradient is not the one of the output that forward returned", wrong)


def _close(seen: Tensor, wanted: Tensor) -> bool:
    return bool(((seen.double() - wanted).abs() <= ROUNDING * wanted.abs()).all())


def masks_of_calls(
    student: Any, p: float, args: list[Any], kwargs: dict[str, Any], inputs: list[Tensor]
) -> list[Tensor]:
    """The masks of one call for each input, whose output and input are judged."""
    calls = [("as built", number % 3 != 2, x) for number, x in enumerate(inputs)]
    reply = student.probe("dropped", args, kwargs, calls)
    masks = []
    for (_, grad, x), seen in zip(calls, sequence(reply["calls"], len(calls), "the reply"), strict=True):
        output, after = sequence(seen, 2)
        untouched(after, x)
        masks.append(mask_of(output, x, p, *how(grad)))
    expect(not reply["reseeded"], "torch's global generator has another seed afterwards", RESEEDED)
    return masks


def how(grad: bool) -> tuple[str, str]:
    """The words for an output with gradients on or off, and for one in which nothing is dropped."""
    return ("the output", NOTHING) if grad else ("the output under torch.no_grad()", NO_GRAD)
