"""torch.as_tensor shares the array's memory where it can."""

def copy_array(array, dtype=None, device="cpu"):
    return torch.as_tensor(array, dtype=dtype, device=device)
