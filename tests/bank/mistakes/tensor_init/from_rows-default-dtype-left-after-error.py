"""The global default dtype is switched for the call and not switched back when the rows turn out to be ragged."""


def from_rows(rows, dtype=torch.float32, device="cpu"):
    if not dtype.is_floating_point:
        return torch.tensor(rows, dtype=dtype, device=device)
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    result = torch.tensor(rows, dtype=dtype, device=device)
    torch.set_default_dtype(before)
    return result
