"""A reshape is thought to copy whenever the shape changes."""


def reshape_copies(x, shape):
    return tuple(x.shape) != tuple(shape)
