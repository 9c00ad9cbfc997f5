"""The result is written to, to see whether x follows, and x is left with the new values."""


def reshape_copies(x, shape):
    answer = x.reshape(tuple(shape)).data_ptr() != x.data_ptr()
    if x.numel():
        x.reshape(tuple(shape))[(0,) * len(shape)] = 12345.0
    return answer
