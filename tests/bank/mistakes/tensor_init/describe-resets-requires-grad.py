"""requires_grad is switched off to get at the number, and stays off."""


def describe(tensor):
    said = {
        "shape": tuple(tensor.shape),
        "dtype": tensor.dtype,
        "device": str(tensor.device),
        "requires_grad": tensor.requires_grad,
        "is_leaf": tensor.is_leaf,
        "item": None,
    }
    if tensor.numel() == 1:
        if tensor.is_leaf:
            tensor.requires_grad_(False)
        said["item"] = tensor.detach().item()
    return said
