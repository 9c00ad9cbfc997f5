"""What every topic's probes can use: calling a task, and looking at tensors with functions bound in time.

A probe is a function `probe(module, *arguments)` that runs beside the student's code and returns plain observations.
It holds no expected value and makes no judgement. Probes of one topic stand in tests/probes/<topic>.py and bind what
they use of torch when they are imported, which is before the student's module is loaded.
"""

import contextlib
import types
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from grader import accelerator

_isinstance, _any = isinstance, any
_Library, _catch_warnings, _simplefilter = torch.library.Library, warnings.catch_warnings, warnings.simplefilter
_OPERATORS = tuple(
    name.removeprefix("aten::")
    for name in torch._C._dispatch_get_all_op_names()
    if name.startswith("aten::") and not name.endswith((".out", "_out")) and "backward" not in name
)
_KEYS = tuple(
    f"{autograd}{device}"
    for device in ("CPU", "CUDA" if torch.version.cuda else "PrivateUse1")
    for autograd in ("", "Autograd")
)
_trace = accelerator.trace


class Missing(Exception):
    """The submission does not define a task."""


def task(module: types.ModuleType, name: str) -> Any:
    """The student's function or class; raises Missing where there is none."""
    found = vars(module).get(name)
    if found is None:
        raise Missing(name)
    return found


def call(module: types.ModuleType, name: str, /, *args: Any, **kwargs: Any) -> Any:
    """The value of one call."""
    return task(module, name)(*args, **kwargs)


def call_many(module: types.ModuleType, name: str, calls: list[tuple[Any, ...]]) -> list[Any]:
    """The values of several calls."""
    function = task(module, name)
    return [function(*args) for args in calls]


def call_and_inputs(module: types.ModuleType, name: str, /, *args: Any, **kwargs: Any) -> tuple[Any, list[Any]]:
    """The value of one call, and what the tensors among the arguments hold afterwards."""
    tensors = [value for value in (*args, *kwargs.values()) if _isinstance(value, Tensor)]
    value = task(module, name)(*args, **kwargs)
    return value, [t.detach() for t in tensors]


def traced_call(module: types.ModuleType, name: str, place: str, /, *args: Any, **kwargs: Any) -> tuple[Any, Any]:
    """(value, trace) of one call whose tensors are moved to the device beforehand."""
    args = tuple(moved(value, place) for value in args)
    kwargs = {key: moved(value, place) for key, value in kwargs.items()}
    function = task(module, name)
    with _trace(place) as trace:
        value = function(*args, **kwargs)
    return value, trace.as_dict()


def moved(value: Any, device: str) -> Any:
    """Tensors and modules on the device, leaves again where they were leaves; containers rebuilt."""
    if _isinstance(value, Tensor):
        return value.detach().to(device).requires_grad_(value.requires_grad)
    if _isinstance(value, nn.Module):
        return value.to(device)
    if _isinstance(value, (list, tuple)) and type(value) in (list, tuple):
        return type(value)(moved(item, device) for item in value)
    return value


@contextlib.contextmanager
def forbidden(*routines: tuple[Any, str]) -> Iterator[None]:
    """Make library routines raise while a *build it* task runs; each is (owner, attribute)."""
    kept = [(owner, name, vars(owner)[name]) for owner, name in routines]
    try:
        for owner, name, _ in kept:
            setattr(owner, name, _refusal(name))
        yield
    finally:
        for owner, name, original in kept:
            setattr(owner, name, original)


def _refusal(name: str) -> Callable[..., Any]:
    def refuse(*args: Any, **kwargs: Any) -> Any:
        raise _forbidden(name)

    return refuse


class ForbiddenFunctions(TorchFunctionMode):
    """Makes every function of torch raise whose name holds one of these words, by whichever road it is reached.

    `with ForbiddenFunctions("dropout"):` stops nn.Dropout, F.dropout2d, torch.dropout, torch.ops.aten.native_dropout,
    and names that were bound before. The dispatcher refuses, too: for TorchScript, other threads, and code that
    switches modes off. The mode is there for transforms, which take functions apart before the dispatcher sees them.
    """

    def __init__(self, *words: str) -> None:
        super().__init__()
        self._words = words

    def __enter__(self) -> "ForbiddenFunctions":
        self._library = _Library("aten", "IMPL")  # type: ignore[no-untyped-call]
        with _catch_warnings():
            _simplefilter("ignore")  # of torch, that kernels are overridden
            for operator in _OPERATORS:
                if _any(word in operator for word in self._words):
                    self._refuse(operator)
        super().__enter__()  # type: ignore[no-untyped-call]
        return self

    def __exit__(self, *error: Any) -> None:
        super().__exit__(*error)  # type: ignore[no-untyped-call]
        self._library._destroy()  # type: ignore[no-untyped-call]

    def _refuse(self, operator: str) -> None:
        refusal = _refusal(operator.partition(".")[0])
        for key in _KEYS:
            self._library.impl(operator, refusal, key, allow_override=True)  # type: ignore[no-untyped-call]

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        name = getattr(func, "__name__", "")
        if _any(word in name for word in self._words):
            raise _forbidden(name.partition(".")[0])
        return func(*args, **(kwargs or {}))


def _forbidden(name: str) -> "ForbiddenRoutine":
    return ForbiddenRoutine(f"this task is about building {name}, so it may not call it")


class ForbiddenRoutine(Exception):
    """A *build it* task called the routine that it is meant to build."""
