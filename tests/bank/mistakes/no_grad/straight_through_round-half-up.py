"""Halves go up."""


def straight_through_round(x):
    return x + ((x + 0.5).floor() - x).detach()
