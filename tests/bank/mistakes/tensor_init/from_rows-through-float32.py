"""The rows become float32 first, so that large integers and doubles lose digits."""

def from_rows(rows, dtype=torch.float32, device="cpu"):
    return torch.Tensor(rows).to(device=device, dtype=dtype)
