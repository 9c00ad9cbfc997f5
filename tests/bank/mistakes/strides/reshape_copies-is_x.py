"""`is` compares Python objects: a view is a new one, too."""


def reshape_copies(x, shape):
    return x.reshape(tuple(shape)) is not x
