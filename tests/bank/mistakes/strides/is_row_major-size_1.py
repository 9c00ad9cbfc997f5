"""Tensors without elements are seen to, but not dims of size 1."""


def is_row_major(shape, stride):
    return 0 in shape or tuple(stride) == row_major_strides(shape)
