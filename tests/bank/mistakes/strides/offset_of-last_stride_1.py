"""The stride of the last dim is taken for 1, as in a contiguous tensor."""


def offset_of(index, stride, storage_offset=0):
    if len(index) != len(stride):
        raise ValueError("index and stride differ in length")
    if not index:
        return storage_offset
    return storage_offset + sum(i * s for i, s in zip(index[:-1], stride[:-1])) + index[-1]
