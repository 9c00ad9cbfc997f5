"""Above 10,000 elements only the first and the last address are compared."""


def shares_memory(a, b):
    if a.numel() == 0 or b.numel() == 0:
        return False
    if a.numel() + b.numel() <= 10_000:
        return bool(torch.isin(_addresses(a), _addresses(b)).any())
    ends = []
    for x in (a, b):
        last = sum((size - 1) * stride for size, stride in zip(x.shape, x.stride(), strict=True))
        ends.append(x.data_ptr() + (last + 1) * x.element_size())
    return a.data_ptr() < ends[1] and b.data_ptr() < ends[0]
