"""`torch.sim`: what torch asks of a device beside kernels."""

from typing import Any

import torch
from torch import Tensor

from grader.accelerator import generators
from grader.accelerator.generators import Generator
from grader.accelerator.memory import NAME

__all__ = ["Generator"]


def is_available() -> bool:
    return True


def is_initialized() -> bool:
    return True


def _lazy_init() -> None:
    """There is nothing to start."""


def _is_in_bad_fork() -> bool:
    return False


def device_count() -> int:
    return 1


def current_device() -> int:
    return 0


def set_device(device: Any) -> None:
    """There is but one."""


def get_device_name(device: Any = None) -> str:
    return "simulated accelerator"


def synchronize(device: Any = None) -> None:
    """Every op has ended when it returns."""


def empty_cache() -> None:
    """Nothing is cached."""


def manual_seed(seed: int) -> None:
    generators.default.manual_seed(int(seed))


def manual_seed_all(seed: int) -> None:
    manual_seed(seed)


def initial_seed() -> int:
    return generators.default.initial_seed()


def get_rng_state(device: Any = NAME) -> Tensor:
    return generators.default.get_state()


def set_rng_state(new_state: Tensor, device: Any = NAME) -> None:
    generators.default.set_state(new_state)


def get_amp_supported_dtype() -> list[torch.dtype]:
    return [torch.float16, torch.bfloat16]
