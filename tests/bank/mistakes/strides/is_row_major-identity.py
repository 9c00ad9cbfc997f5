"""`is not` compares objects, which differ for strides above 256."""


def is_row_major(shape, stride):
    if 0 in shape:
        return True
    expected = 1
    for size, own in zip(reversed(shape), reversed(stride)):
        if size != 1 and own is not expected:
            return False
        expected *= size
    return True
