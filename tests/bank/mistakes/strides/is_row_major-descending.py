"""A layout is called contiguous when its strides get smaller from left to right, padded rows included."""


def is_row_major(shape, stride):
    return all(a >= b for a, b in zip(stride, stride[1:]))
