"""Tensors of different dtypes are taken to share nothing."""


def shares_memory(a, b):
    return a.dtype == b.dtype and bool(torch.isin(_addresses(a), _addresses(b)).any())
