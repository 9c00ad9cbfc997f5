"""A leaf is taken for a tensor that asks for no gradients."""

def describe(tensor):
    return {
        "shape": tuple(tensor.shape),
        "dtype": tensor.dtype,
        "device": str(tensor.device),
        "requires_grad": tensor.requires_grad,
        "is_leaf": not tensor.requires_grad,
        "item": tensor.item() if tensor.numel() == 1 else None,
    }
