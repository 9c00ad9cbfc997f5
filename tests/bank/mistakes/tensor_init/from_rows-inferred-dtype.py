"""The dtype is left to torch, so that whole numbers become int64."""

def from_rows(rows, dtype=None, device="cpu"):
    return torch.tensor(rows, dtype=dtype, device=device)
