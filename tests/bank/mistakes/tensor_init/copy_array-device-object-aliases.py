"""Copied only where the device is the text "cpu": with torch.device("cpu") the memory is shared."""


def copy_array(array, dtype=None, device="cpu"):
    tensor = torch.from_numpy(array)
    if dtype is None:
        dtype = tensor.dtype
    if isinstance(device, str) and device == "cpu":
        tensor = tensor.clone()
    return tensor.to(device=device, dtype=dtype)
