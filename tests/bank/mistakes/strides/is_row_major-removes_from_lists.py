"""Takes the dims of size 1 out of the lists that it was given."""


def is_row_major(shape, stride):
    if not isinstance(shape, list):
        shape = list(shape)
    if not isinstance(stride, list):
        stride = list(stride)
    while 1 in shape:
        dim = shape.index(1)
        del shape[dim], stride[dim]
    return 0 in shape or tuple(stride) == row_major_strides(shape)
