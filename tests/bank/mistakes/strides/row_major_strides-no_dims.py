"""The list of strides begins with a 1, which the shape () gets, too."""


def row_major_strides(shape):
    strides = [1]
    for size in reversed(shape[1:]):
        strides.insert(0, strides[0] * max(size, 1))
    return tuple(strides)
