"""Only the first and last bytes are compared."""


def shares_memory(a, b):
    def ends(x):
        start = x.data_ptr()
        return start, start + (sum((n - 1) * s for n, s in zip(x.shape, x.stride())) + 1) * x.element_size()

    if a.numel() == 0 or b.numel() == 0:
        return False
    (start, stop), (begin, end) = ends(a), ends(b)
    return start < end and begin < stop
