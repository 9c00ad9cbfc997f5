"""Rows of unequal length raise a RuntimeError."""

def from_rows(rows, dtype=torch.float32, device="cpu"):
    try:
        return torch.tensor(rows, dtype=dtype, device=device)
    except ValueError as error:
        raise RuntimeError("rows differ in length") from error
