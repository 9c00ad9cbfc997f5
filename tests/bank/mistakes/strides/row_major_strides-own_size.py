"""The stride of a dim is taken for the product of the sizes from that dim on, its own included."""


def row_major_strides(shape):
    strides, step = [], 1
    for size in reversed(shape):
        step *= max(size, 1)
        strides.insert(0, step)
    return tuple(strides)
