"""NumPy builds the mask on the CPU; it is moved afterwards."""

def causal_mask(n, device="cpu"):
    return torch.from_numpy(np.tri(n, dtype=bool)).to(device)
