"""Any tensor that is not contiguous is thought to be copied."""


def reshape_copies(x, shape):
    return not x.is_contiguous()
