"""The storage offset is forgotten."""


def offset_of(index, stride, storage_offset=0):
    if len(index) != len(stride):
        raise ValueError("index and stride differ in length")
    return sum(i * s for i, s in zip(index, stride))
