"""squeeze_ takes the dims of size 1 out of the caller's tensor."""


def describe(tensor):
    shape = tuple(tensor.shape)
    if tensor.numel() == 1 and not tensor.requires_grad:
        tensor.squeeze_()
    return {
        "shape": shape,
        "dtype": tensor.dtype,
        "device": str(tensor.device),
        "requires_grad": tensor.requires_grad,
        "is_leaf": tensor.is_leaf,
        "item": tensor.item() if tensor.numel() == 1 else None,
    }
