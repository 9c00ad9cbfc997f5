"""reshape where a transpose is meant."""


def pack_transpose(x):
    return x.reshape(x.shape[1], x.shape[0]).clone()
