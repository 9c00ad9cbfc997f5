"""reshape copies silently where it can't make a view."""


def flat_view(x):
    return x.reshape(-1)
