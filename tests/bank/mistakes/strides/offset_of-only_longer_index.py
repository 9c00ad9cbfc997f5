"""Only an index that is too long is noticed, one that is too short is not."""


def offset_of(index, stride, storage_offset=0):
    position = storage_offset
    if len(index) > len(stride):
        raise ValueError("too many indices")
    for d, i in enumerate(index):
        position += i * stride[d]
    return position
