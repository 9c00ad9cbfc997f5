"""The result is float32 where the array's dtype is to be kept."""

def copy_array(array, dtype=torch.float32, device="cpu"):
    return torch.tensor(array, dtype=dtype or torch.float32, device=device)
