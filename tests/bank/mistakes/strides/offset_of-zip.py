"""zip silently stops at the shorter of index and stride."""


def offset_of(index, stride, storage_offset=0):
    return storage_offset + sum(i * s for i, s in zip(index, stride))
