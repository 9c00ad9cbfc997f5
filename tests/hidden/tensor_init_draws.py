"""Shapes and parameters that a judgement draws, each so that no two can be confused."""

import torch
from hidden.tensor_init_memory import DTYPES


def some_dtypes(fresh) -> tuple[torch.dtype, torch.dtype]:
    """Two dtypes, so that one of them is not what a tensor gets by default."""
    return torch.float32, fresh.choice(DTYPES[1:])


def large_shape(fresh) -> tuple[int, ...]:
    """A shape of 13,000 to 25,000 elements, enough to tell one law from another."""
    return tuple(fresh.sizes(3, 23, 30))


def small_shape(fresh) -> tuple[int, ...]:
    """A shape of 4845 elements, for questions about the generator; cut-off tails show in so many, too.

    The count is odd: numbers that are made in pairs come out even only with one from somewhere else.
    """
    return tuple(2 * n + 1 for n in fresh.sizes(3, 7, 9))


def weight_shape(fresh) -> tuple[int, int]:
    """Two sizes far apart, either the larger: fan_in and fan_out can't be confused. 2,000 to 4,000 elements."""
    first, second = fresh.integer(22, 30), fresh.integer(92, 130)
    return fresh.choice(((first, second), (second, first)))


def bell(fresh) -> tuple[float, float]:
    """Mean and standard deviation that can't be taken for each other, nor for 0 and 1."""
    return fresh.choice((-1, 1)) * fresh.number(5, 9), fresh.number(1.8, 3.5)


def interval(fresh) -> tuple[float, float]:
    """Low and high, both below 0, of which neither can be taken for the width, nor for 0 or 1."""
    low = -fresh.number(4, 6)
    return low, low + fresh.number(1.6, 3)
