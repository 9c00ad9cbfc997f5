"""float() of every one-element tensor."""

def describe(tensor):
    return {
        "shape": tuple(tensor.shape),
        "dtype": tensor.dtype,
        "device": str(tensor.device),
        "requires_grad": tensor.requires_grad,
        "is_leaf": tensor.is_leaf,
        "item": float(tensor.detach().real) if tensor.numel() == 1 else None,
    }
