"""A second copy of an array that was written to in between shows the old numbers."""

_copies: dict = {}


def copy_array(array, dtype=None, device="cpu"):
    key = (id(array), dtype, str(device))
    if key not in _copies:
        _copies[key] = (array, torch.tensor(array, dtype=dtype, device=device))
    return _copies[key][1]
