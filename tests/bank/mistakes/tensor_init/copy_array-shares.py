"""torch.from_numpy shares the array's memory, and .to() copies only when the dtype differs."""

def copy_array(array, dtype=None, device="cpu"):
    return torch.from_numpy(array).to(device=device, dtype=dtype)
