"""Only lists of lists are taken: the shape comes from len(rows) and len(rows[0])."""

def from_rows(rows, dtype=torch.float32, device="cpu"):
    if any(len(row) != len(rows[0]) for row in rows):
        raise ValueError("rows differ in length")
    flat = [number for row in rows for number in row]
    return torch.tensor(flat, dtype=dtype, device=device).reshape(len(rows), len(rows[0]))
