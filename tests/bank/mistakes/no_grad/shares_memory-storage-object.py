"""The storage objects are compared."""


def shares_memory(a, b):
    return a.untyped_storage()._cdata == b.untyped_storage()._cdata
