"""squeeze_ takes the dims of size 1 out of x itself, not of a view on it."""


def reshape_copies(x, shape):
    if not x.requires_grad:
        x.squeeze_()
    try:
        x.view(tuple(shape))
    except RuntimeError:
        return True
    return False
