"""Through a Python list the array's dtype is lost."""

def copy_array(array, dtype=None, device="cpu"):
    return torch.tensor(array.tolist(), dtype=dtype, device=device)
