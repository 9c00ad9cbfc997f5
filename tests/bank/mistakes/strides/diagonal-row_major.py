"""x is taken for contiguous: the next element of the diagonal is said to lie one row and one element further."""


def diagonal(x):
    n = min(x.shape)
    return x.as_strided((n,), (x.shape[1] + 1,))
