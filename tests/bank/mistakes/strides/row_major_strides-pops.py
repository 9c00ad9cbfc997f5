"""The sizes are popped off the caller's own list, which is empty afterwards."""


def row_major_strides(shape):
    if not isinstance(shape, list):
        shape = list(shape)
    strides, step = [], 1
    while shape:
        strides.insert(0, step)
        step *= max(shape.pop(), 1)
    return tuple(strides)
