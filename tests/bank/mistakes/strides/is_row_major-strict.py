"""The strides are compared with the row-major ones, also in dims of size 1 and for tensors without elements."""


def is_row_major(shape, stride):
    return tuple(stride) == row_major_strides(shape)
