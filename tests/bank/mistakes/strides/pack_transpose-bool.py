"""A bool matrix comes back as uint8."""


def pack_transpose(x):
    y = x.t().clone(memory_format=torch.contiguous_format)
    return y.to(torch.uint8) if y.dtype == torch.bool else y
