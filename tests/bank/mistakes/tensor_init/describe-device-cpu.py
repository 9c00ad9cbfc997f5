"""The device is always cpu."""

def describe(tensor):
    return {
        "shape": tuple(tensor.shape),
        "dtype": tensor.dtype,
        "device": "cpu",
        "requires_grad": tensor.requires_grad,
        "is_leaf": tensor.is_leaf,
        "item": tensor.item() if tensor.numel() == 1 else None,
    }
