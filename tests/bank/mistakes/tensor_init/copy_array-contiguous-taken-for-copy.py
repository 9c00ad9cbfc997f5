"""contiguous() copies only what is not contiguous yet."""

def copy_array(array, dtype=None, device="cpu"):
    return torch.from_numpy(array).contiguous().to(dtype or torch.from_numpy(array).dtype).to(device)
