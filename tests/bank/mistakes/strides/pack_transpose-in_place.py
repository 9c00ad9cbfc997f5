"""t_() transposes x itself: the caller's tensor has another shape afterwards."""


def pack_transpose(x):
    return x.t_().clone(memory_format=torch.contiguous_format)
