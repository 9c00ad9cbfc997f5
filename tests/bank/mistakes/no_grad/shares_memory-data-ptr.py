"""Only the addresses where the tensors begin are compared."""


def shares_memory(a, b):
    return a.data_ptr() == b.data_ptr()
