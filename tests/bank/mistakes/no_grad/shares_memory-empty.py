"""A tensor without elements is taken to share its storage."""


def shares_memory(a, b):
    if a.untyped_storage().data_ptr() == b.untyped_storage().data_ptr() and 0 in (a.numel(), b.numel()):
        return True
    return bool(torch.isin(_addresses(a), _addresses(b)).any())
