"""The strides are counted in bytes, as NumPy does, not in elements."""
import numpy as np


def row_major_strides(shape):
    return tuple(np.empty(tuple(shape), dtype=np.float32).strides)
