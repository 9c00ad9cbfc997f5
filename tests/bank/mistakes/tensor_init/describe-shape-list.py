"""The shape is a list."""

def describe(tensor):
    return {
        "shape": list(tensor.shape),
        "dtype": tensor.dtype,
        "device": str(tensor.device),
        "requires_grad": tensor.requires_grad,
        "is_leaf": tensor.is_leaf,
        "item": tensor.item() if tensor.numel() == 1 else None,
    }
