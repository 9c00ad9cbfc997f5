"""An empty list alone becomes a tensor on the CPU, whatever the device."""


def from_rows(rows, dtype=torch.float32, device="cpu"):
    if len(rows) == 0:
        return torch.empty(0, dtype=dtype, device="cpu")
    return torch.tensor(rows, dtype=dtype, device=device)
