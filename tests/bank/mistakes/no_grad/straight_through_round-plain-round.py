"""Plain rounding, whose gradient is 0."""


def straight_through_round(x):
    return x.round()
