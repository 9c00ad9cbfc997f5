"""The strides are built from the first dim on, so that the first index runs fastest."""


def row_major_strides(shape):
    strides, step = [], 1
    for size in shape:
        strides.append(step)
        step *= max(size, 1)
    return tuple(strides)
