"""Strides count by their absolute value, so that a negative one leads forward."""


def offset_of(index, stride, storage_offset=0):
    if len(index) != len(stride):
        raise ValueError(f"index has {len(index)} entries, stride has {len(stride)}")
    position = storage_offset
    for i, step in zip(index, stride):
        position += i * abs(step)
    return position
