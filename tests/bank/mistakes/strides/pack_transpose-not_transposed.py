"""x is packed, but not transposed."""


def pack_transpose(x):
    return x.clone(memory_format=torch.contiguous_format)
