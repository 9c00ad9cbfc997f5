"""A dense 4-D layout in channels-last order is called contiguous, too."""


def _irm_cl_falls(shape, stride):
    expected = 1
    for size, own in zip(shape[::-1], stride[::-1]):
        if size != 1 and own != expected:
            return False
        expected *= size
    return True


def is_row_major(shape, stride):
    shape, stride = tuple(shape), tuple(stride)
    if 0 in shape or _irm_cl_falls(shape, stride):
        return True
    if len(shape) == 4:
        order = (0, 2, 3, 1)
        return _irm_cl_falls(tuple(shape[d] for d in order), tuple(stride[d] for d in order))
    return False
