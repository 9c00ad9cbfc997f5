"""A tensor that is not contiguous is thought to be copied by every change of its shape."""


def reshape_copies(x, shape):
    return not x.is_contiguous() and tuple(x.shape) != tuple(shape)
