"""The rounding error is added with the wrong sign."""


def straight_through_round(x):
    return x + (x - x.round()).detach()
