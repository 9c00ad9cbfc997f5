"""The number is taken out of the tensor: a 0 is left behind."""


def describe(tensor):
    item = None
    if tensor.numel() == 1:
        item = tensor.detach().clone().item()
        tensor.data.zero_()
    return {
        "shape": tuple(tensor.shape),
        "dtype": tensor.dtype,
        "device": str(tensor.device),
        "requires_grad": tensor.requires_grad,
        "is_leaf": tensor.is_leaf,
        "item": item,
    }
