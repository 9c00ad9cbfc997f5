"""Random number generators of the simulated device: the CPU's, labelled as the device's."""

import contextlib
from collections.abc import Iterator
from typing import Any

import torch

from grader.accelerator import memory
from grader.accelerator.memory import NAME

_HostGenerator = torch._C.Generator
_DEVICE = (memory.PRIVATE_USE, 0)  # type and index
_HOST = (0, -1)


class _Face(type):
    """Makes `isinstance(g, torch.Generator)` mean what it meant before."""

    def __instancecheck__(cls, instance: Any) -> bool:
        return isinstance(instance, _HostGenerator)

    def __subclasscheck__(cls, subclass: type) -> bool:
        return issubclass(subclass, _HostGenerator)


class Generator(metaclass=_Face):
    """Stands in for torch.Generator, whose constructor knows no Python backend."""

    def __new__(cls, device: Any = "cpu") -> Any:
        if device is None or torch.device(device).type != NAME:
            return _HostGenerator(device)
        return _labelled(_HostGenerator(), _DEVICE)


def _labelled(generator: torch.Generator, label: tuple[int, int]) -> torch.Generator:
    memory.set_generator_device(generator, label)
    return generator


default = _HostGenerator()


@contextlib.contextmanager
def lent(generator: torch.Generator | None) -> Iterator[torch.Generator]:
    """The generator that a CPU kernel may draw from; the device's own where none was given."""
    if generator is None:
        yield default
        return
    if generator.device.type != NAME:
        raise RuntimeError(f"Expected a '{NAME}' device type for generator but found '{generator.device.type}'")
    try:
        yield _labelled(generator, _HOST)
    finally:
        _labelled(generator, _DEVICE)
