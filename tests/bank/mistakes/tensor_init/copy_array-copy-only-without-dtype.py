"""The copy is forgotten where a dtype is given that the array has already."""

def copy_array(array, dtype=None, device="cpu"):
    tensor = torch.from_numpy(array)
    return tensor.clone().to(device) if dtype is None else tensor.to(device, dtype)
