"""The result is cut from the graph."""


def straight_through_round(x):
    return x.round().detach()
