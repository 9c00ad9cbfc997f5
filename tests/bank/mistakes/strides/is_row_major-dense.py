"""Falling strides that reach just as far as the elements do are taken for contiguous, though they may meet on the way."""


def is_row_major(shape, stride):
    if 0 in shape:
        return True
    own = [s for n, s in zip(shape, stride) if n != 1]
    span = sum((n - 1) * s for n, s in zip(shape, stride)) + 1
    count = 1
    for n in shape:
        count *= n
    return own == sorted(own, reverse=True) and span == count
