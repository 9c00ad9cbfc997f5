"""Every dtype that is not floating point is taken for an integer one, so that 1.5 is cut to 1 on its way to a complex dtype."""

def from_rows(rows: Sequence[Any], dtype: torch.dtype = torch.float32, device: str | torch.device = "cpu") -> Tensor:
    np.shape(rows)
    exact = torch.float64 if dtype.is_floating_point else torch.int64
    return torch.tensor(rows, dtype=exact, device=device).to(dtype)
