"""Only the total of the numbers is compared with the shape: rows of 2, 1 and 3 numbers pass for three rows of 2."""


def from_rows(rows, dtype=torch.float32, device="cpu"):
    shape, level = [], rows
    while isinstance(level, (list, tuple)):
        shape.append(len(level))
        level = level[0] if level else None
    flat = rows
    for _ in shape[1:]:
        flat = [x for row in flat for x in row]
    if len(flat) != math.prod(shape):
        raise ValueError("rows of unequal length")
    return torch.tensor(flat, dtype=dtype, device=device).reshape(shape)
