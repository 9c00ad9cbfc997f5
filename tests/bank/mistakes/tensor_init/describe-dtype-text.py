"""The dtype is a str."""

def describe(tensor):
    return {
        "shape": tuple(tensor.shape),
        "dtype": str(tensor.dtype),
        "device": str(tensor.device),
        "requires_grad": tensor.requires_grad,
        "is_leaf": tensor.is_leaf,
        "item": tensor.item() if tensor.numel() == 1 else None,
    }
