"""An array of int64 goes through float64 where a dtype is given, so large numbers are rounded."""


def copy_array(array, dtype=None, device="cpu"):
    if dtype is None:
        return torch.tensor(array, device=device)
    return torch.tensor(array.astype(np.float64), device=device).to(dtype)
