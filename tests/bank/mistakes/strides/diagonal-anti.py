"""The diagonal from the other corner."""


def diagonal(x):
    return x.flip(1).diagonal()
