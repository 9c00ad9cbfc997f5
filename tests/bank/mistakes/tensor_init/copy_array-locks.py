"""The array is made read-only, so that it can be shared with the tensor in peace, and stays so."""


def copy_array(array, dtype=None, device="cpu"):
    array.setflags(write=False)
    copied = np.array(array)
    return torch.as_tensor(copied, dtype=dtype, device=device)
