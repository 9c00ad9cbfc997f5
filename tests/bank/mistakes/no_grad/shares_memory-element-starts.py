"""Only the first bytes of the elements are compared."""


def shares_memory(a, b):
    def starts(x):
        found = {x.data_ptr()}
        for n, s in zip(x.shape, x.stride()):
            found = {place + i * s * x.element_size() for place in found for i in range(n)}
        return found

    return bool(starts(a) & starts(b))
