"""`_base` of the result is compared with x, but the base of a view of a view is the first tensor."""


def reshape_copies(x, shape):
    return x.reshape(tuple(shape))._base is not x
