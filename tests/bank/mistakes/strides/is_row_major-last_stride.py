"""Only the last stride is looked at: 1 is taken for contiguous."""


def is_row_major(shape, stride):
    return len(stride) == 0 or stride[-1] == 1
