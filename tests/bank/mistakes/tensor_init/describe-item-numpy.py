"""The item is a NumPy number."""

def describe(tensor):
    return {
        "shape": tuple(tensor.shape),
        "dtype": tensor.dtype,
        "device": str(tensor.device),
        "requires_grad": tensor.requires_grad,
        "is_leaf": tensor.is_leaf,
        "item": tensor.detach().numpy().reshape(-1)[0] if tensor.numel() == 1 and tensor.is_cpu else None,
    }
