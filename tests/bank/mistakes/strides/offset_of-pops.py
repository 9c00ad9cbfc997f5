"""The indices are popped off the caller's own list, which is empty afterwards."""


def offset_of(index, stride, storage_offset=0):
    if len(index) != len(stride):
        raise ValueError("lengths differ")
    if isinstance(index, list):
        for step in reversed(stride):
            storage_offset += index.pop() * step
        return storage_offset
    return storage_offset + sum(i * s for i, s in zip(index, stride))
