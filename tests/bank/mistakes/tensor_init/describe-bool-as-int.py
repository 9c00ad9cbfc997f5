"""The element of a bool tensor comes as an int."""


def describe(tensor):
    item = None
    if tensor.numel() == 1:
        item = tensor.item() if tensor.is_floating_point() or tensor.is_complex() else int(tensor)
    return {
        "shape": tuple(tensor.shape),
        "dtype": tensor.dtype,
        "device": str(tensor.device),
        "requires_grad": tensor.requires_grad,
        "is_leaf": tensor.is_leaf,
        "item": item,
    }
