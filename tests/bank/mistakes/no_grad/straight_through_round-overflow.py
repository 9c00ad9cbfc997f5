"""x and round(x) are added up before x is taken off again: 60000 in float16 gives inf."""


def straight_through_round(x):
    return x.round() + x - x.detach()
