"""tolist() of a one-element tensor that is not 0-d is a list."""

def describe(tensor):
    return {
        "shape": tuple(tensor.shape),
        "dtype": tensor.dtype,
        "device": str(tensor.device),
        "requires_grad": tensor.requires_grad,
        "is_leaf": tensor.is_leaf,
        "item": tensor.tolist() if tensor.numel() == 1 else None,
    }
