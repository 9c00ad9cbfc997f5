"""A complex element whose imaginary part is 0 comes as a float."""

def describe(tensor: Tensor) -> dict[str, Any]:
    item = None
    if tensor.numel() == 1:
        item = tensor.item()
        if isinstance(item, complex) and item.imag == 0:
            item = item.real
    return {
        "shape": tuple(tensor.shape),
        "dtype": tensor.dtype,
        "device": str(tensor.device),
        "requires_grad": tensor.requires_grad,
        "is_leaf": tensor.is_leaf,
        "item": item,
    }
