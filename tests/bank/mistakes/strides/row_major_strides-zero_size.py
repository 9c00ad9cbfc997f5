"""A size of 0 is multiplied in, so that all strides on its left become 0."""
import math


def row_major_strides(shape):
    return tuple(math.prod(shape[d + 1 :]) for d in range(len(shape)))
