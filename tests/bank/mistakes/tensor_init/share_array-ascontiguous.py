"""np.ascontiguousarray copies a strided array, and makes a 0-d one 1-d."""

def share_array(array):
    return torch.from_numpy(np.ascontiguousarray(array))
