"""Rows of unequal length are filled up with zeros instead of refused."""

def from_rows(rows, dtype=torch.float32, device="cpu"):
    if rows and isinstance(rows[0], list) and not (rows[0] and isinstance(rows[0][0], list)):
        width = max(len(row) for row in rows)
        rows = [row + [0] * (width - len(row)) for row in rows]
    return torch.tensor(rows, dtype=dtype, device=device)
