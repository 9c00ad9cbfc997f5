"""Keeps torch's compiler asleep: nothing here compiles, and its import costs more than a second.

torch calls it in three ways. Some functions (of optimizers, dispatch modes) are wrapped so that it leaves them alone;
each wrapper imports the compiler when it is first called, unless its function says `__dynamo_disable`. Every step of an
optimizer imports it to call `graph_break()`, which does nothing outside of a compilation. And torch.func.grad keeps it
out of its backward pass, where it is not in anyway. In a child that would be once a check.
"""

import contextlib
import gc
import importlib
import sys
import types
from typing import Any

import torch
import torch._compile

NAME = "torch._dynamo"


def keep_asleep() -> int:
    """Satisfy them all; returns how many wrapped functions there are by now."""
    if NAME not in sys.modules:
        sys.modules[NAME] = torch._dynamo = Asleep(NAME)
    code = torch._compile._disable_dynamo(_pattern).__code__
    wrappers = [found for found in gc.get_objects() if type(found) is types.FunctionType and found.__code__ is code]
    for wrapper in wrappers:
        function = vars(wrapper)["__wrapped__"]
        function.__dynamo_disable = function
    return len(wrappers)


def _pattern() -> None:
    """Something to wrap, so as to see the wrapper's code."""


class _AutogradAsleep:
    """Stands in for the part that would compile backward passes."""

    _disable = contextlib.nullcontext

    def __getattr__(self, name: str) -> Any:
        return getattr(importlib.import_module(f"{NAME}.compiled_autograd"), name)


class Asleep(types.ModuleType):
    """Stands in for the compiler, and wakes it up when anything else is asked of it."""

    __file__ = None
    compiled_autograd = _AutogradAsleep()

    def graph_break(self, msg: str = "") -> None:
        """What it does outside of a compilation."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name != "__path__":  # that one is asked for when a part of it is imported
            raise AttributeError(name)
        if sys.modules.get(NAME) is self:
            del sys.modules[NAME], torch._dynamo
        return getattr(importlib.import_module(NAME), name)
