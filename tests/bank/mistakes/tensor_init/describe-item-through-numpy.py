"""NumPy gets the number out, but it knows no bfloat16."""


def describe(tensor):
    return {
        "shape": tuple(tensor.shape),
        "dtype": tensor.dtype,
        "device": str(tensor.device),
        "requires_grad": tensor.requires_grad,
        "is_leaf": tensor.is_leaf,
        "item": tensor.detach().cpu().numpy().item() if tensor.numel() == 1 else None,
    }
