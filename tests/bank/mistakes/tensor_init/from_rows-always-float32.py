"""torch.Tensor(rows) is float32 whatever dtype is asked for."""

def from_rows(rows, dtype=torch.float32, device="cpu"):
    return torch.Tensor(rows).to(device)
