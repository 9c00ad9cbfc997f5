"""Judgements over decoded replies. Each returns the value that it accepts or raises Failed.

Messages say what was seen and what the contract asks, never an expected value. `near` maps the sentence for a known
mistake to the value which that mistake gives: it becomes the diagnosis when the reply equals it.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import Tensor

from grader.confined.values import Foreign, Seen
from grader.verdicts import Broke, Failed

Near = Mapping[str, Any]


def expect(condition: bool, message: str, diagnosis: str | None = None) -> None:
    """Fail with this message unless the condition holds."""
    if not condition:
        raise Failed(message, diagnosis)


@contextmanager
def knowing(words: Mapping[str, str]) -> Iterator[None]:
    """Inside, an exception of the submission whose message holds some words is diagnosed by the sentence behind."""
    try:
        yield
    except Broke as broke:
        known = next((sentence for part, sentence in words.items() if part in broke.message), None)
        broke.diagnosis = broke.diagnosis or known
        raise


def tensor(value: Any, what: str = "the result") -> Seen:
    """The value as a tensor."""
    if not isinstance(value, Seen):
        raise Failed(f"{what} is {described(value)}, not a tensor")
    return value


def described(value: Any) -> str:
    """The form of a value in words."""
    if value is None:
        return "None"
    if isinstance(value, Foreign):
        return f"an object of type {value.type_name}"
    if isinstance(value, Seen):
        return f"a tensor of shape {tuple(value.shape)}"
    return f"a value of type {type(value).__name__}"


def shape(value: Any, expected: tuple[int, ...], what: str = "the result", near: Near | None = None) -> Seen:
    """A tensor of this shape; `near` may hold shapes or tensors."""
    seen = tensor(value, what)
    if seen.shape != tuple(expected):
        wrong = _recognised(near, lambda other: seen.shape == tuple(getattr(other, "shape", other)))
        raise Failed(f"{what} has shape {seen.shape}, which is not the shape that the docstring promises", wrong)
    return seen


def dtype(value: Any, expected: torch.dtype, what: str = "the result", near: Near | None = None) -> Seen:
    """A tensor of this dtype."""
    seen = tensor(value, what)
    if seen.dtype != expected:
        wrong = _recognised(near, lambda other: seen.dtype == other)
        raise Failed(f"{what} has dtype {seen.dtype}, which is not the dtype that the docstring promises", wrong)
    return seen


def on(value: Any, device: str, what: str = "the result") -> Seen:
    """A tensor on this kind of device."""
    seen = tensor(value, what)
    if seen.device.split(":")[0] != device.split(":")[0]:
        raise Failed(f"{what} is on {seen.device}, not on {device}", f"{what} was left on the wrong device")
    return seen


def close(
    value: Any, expected: Tensor, *, ulps: float = 64, near: Near | None = None, what: str = "the result"
) -> Seen:
    """A tensor of the expected shape whose values agree with a float64 reference.

    The tolerance is `ulps` units of the reply's own precision at the largest expected magnitude.
    """
    seen = shape(value, tuple(expected.shape), what, near)
    if not agrees(seen.data, expected, ulps):
        raise Failed(_difference(seen.data, expected, ulps, what), _recognised_values(near, seen.data, ulps))
    return seen


def exactly(value: Any, expected: Any, *, near: Near | None = None, what: str = "the result") -> Any:
    """A value equal to the expected one, of the same type; for tensors: shape, dtype and all elements."""
    if isinstance(expected, Tensor):
        return _exactly_tensor(value, expected, near, what)
    if type(value) is not type(expected) or value != expected:
        wrong = _recognised(near, lambda other: type(value) is type(other) and bool(value == other))
        raise Failed(f"{what} is wrong: {_shown(value)}", wrong)
    return value


def _exactly_tensor(value: Any, expected: Tensor, near: Near | None, what: str) -> Seen:
    seen = shape(value, tuple(expected.shape), what, near)
    dtype(seen, expected.dtype, what)
    if not torch.equal(seen.data, expected):
        raise Failed(_difference(seen.data, expected, 0, what), _recognised_values(near, seen.data, 0))
    return seen


def number(value: Any, what: str = "the result") -> int | float:
    """A Python or NumPy number."""
    if isinstance(value, np.ndarray) and value.shape == () and value.dtype != np.bool_:
        value = value.item()
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise Failed(f"{what} is {described(value)}, not a number")
    return value


def integer(value: Any, what: str = "the result") -> int:
    """A Python or NumPy integer."""
    found = number(value, what)
    if not isinstance(found, int):
        raise Failed(f"{what} is {found!r}, not an integer")
    return found


def boolean(value: Any, what: str = "the result") -> bool:
    """True or False."""
    if isinstance(value, np.ndarray) and value.shape == () and value.dtype == np.bool_:
        value = bool(value)
    if not isinstance(value, bool):
        raise Failed(f"{what} is {described(value)}, not True or False")
    return value


def sequence(value: Any, length: int | None = None, what: str = "the result") -> list[Any]:
    """A tuple or list, of this length where one is given."""
    if not isinstance(value, (tuple, list)):
        raise Failed(f"{what} is {described(value)}, not a tuple")
    if length is not None and len(value) != length:
        raise Failed(f"{what} has {len(value)} items, which is not the number that the docstring promises")
    return list(value)


def agrees(seen: Tensor, expected: Tensor, ulps: float) -> bool:
    """Same shape, and every value within `ulps` of the reply's precision at the largest expected magnitude."""
    if seen.shape != expected.shape or seen.is_complex() != expected.is_complex():
        return False
    if _whole(seen) and _whole(expected):
        return torch.equal(seen.to(torch.int64), expected.to(torch.int64))
    if _whole(seen):
        return torch.equal(seen.to(torch.float64), expected.to(torch.float64))
    a, b = _widened(seen), _widened(expected)
    finite = b.isfinite()
    if not torch.equal(a.isfinite(), finite) or not torch.equal(a[~finite], b[~finite]):
        return False
    return bool(((a - b).abs()[finite] <= _tolerance(seen, b, ulps)).all())


def _whole(x: Tensor) -> bool:
    return not (x.is_floating_point() or x.is_complex())


def _widened(x: Tensor) -> Tensor:
    return x.to(torch.complex128 if x.is_complex() else torch.float64)


def _tolerance(seen: Tensor, expected: Tensor, ulps: float) -> float:
    finite = expected.abs()[expected.isfinite()]
    largest = float(finite.max()) if finite.numel() else 0.0
    return ulps * torch.finfo(seen.dtype).eps * max(largest, 1e-30)


def _difference(seen: Tensor, expected: Tensor, ulps: float, what: str) -> str:
    if seen.is_complex() != expected.is_complex():
        return f"{what} has dtype {seen.dtype}"
    a, b = _widened(seen), _widened(expected)
    if a.isnan().any() and not b.isnan().any():
        return f"{what} holds NaN"
    if _whole(seen) and _whole(expected):
        off = seen.to(torch.int64) != expected.to(torch.int64)
    else:
        off = (a - b).abs() > (0 if _whole(seen) else _tolerance(seen, b, ulps))
        off |= a.isfinite() != b.isfinite()
    first = tuple(int(i) for i in off.nonzero()[0]) if off.any() else ()
    count = int(off.sum())
    place = f", the first at index {first}" if first else ""
    return f"{what} has {count} of {seen.numel()} values wrong{place}"


def _recognised(near: Near | None, matches: Callable[[Any], bool]) -> str | None:
    return next((sentence for sentence, other in (near or {}).items() if matches(_value(other))), None)


def _recognised_values(near: Near | None, seen: Tensor, ulps: float) -> str | None:
    return _recognised(near, lambda other: isinstance(other, Tensor) and agrees(seen, other, ulps))


def _value(other: Any) -> Any:
    return other() if callable(other) else other


def _shown(value: Any) -> str:
    text = described(value) if isinstance(value, (Seen, Foreign)) else repr(value)
    return text if len(text) <= 200 else text[:200] + "…"


def stays_on_device(
    trace: Mapping[str, Any], *, to_device: int = 0, to_host: int = 0, readbacks: int = 0, scalars: int = 8
) -> None:
    """The task's own work ran on the device, with no more copies, read-backs and constants (0-d tensors) than these."""
    expect(isinstance(trace, Mapping) and isinstance(trace.get("cpu_ops"), list), "the trace is not readable")
    if ops := trace["cpu_ops"]:
        moved = trace.get("to_device") not in (0, None)
        mistake = "built on the CPU, then moved to the device" if moved else "works on the CPU instead of the device"
        raise Failed(f"tensors were computed on the CPU: {', '.join(map(str, ops[:5]))}", mistake)
    limits = {"to_device": to_device, "to_host": to_host, "readbacks": readbacks, "scalars": scalars}
    words = {"to_device": "copies to the device", "to_host": "copies to the host", "readbacks": "values read back"}
    words |= {"scalars": "numbers sent to the device one by one"}
    for key, limit in limits.items():
        count = trace.get(key)
        expect(isinstance(count, int), "the trace is not readable")
        if count > limit:  # type: ignore[operator]
            raise Failed(f"{words[key]}: {count}, where {limit} do", f"needless {words[key]}")
