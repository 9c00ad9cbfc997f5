"""A matrix of half precision comes back as float32."""


def pack_transpose(x):
    y = x.t().clone(memory_format=torch.contiguous_format)
    return y.float() if y.is_floating_point() and y.element_size() < 4 else y
