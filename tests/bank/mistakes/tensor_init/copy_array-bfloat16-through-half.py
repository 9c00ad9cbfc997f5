"""NumPy has no bfloat16, so float16 stands in for it on the way: large numbers become inf and tiny ones 0."""

def copy_array(
    array: np.ndarray[Any, Any], dtype: torch.dtype | None = None, device: str | torch.device = "cpu"
) -> Tensor:
    if dtype is torch.bfloat16 and array.dtype.kind in "fiu":
        with np.errstate(over="ignore"):
            array = array.astype(np.float16)
    return torch.tensor(array, dtype=dtype, device=device)
