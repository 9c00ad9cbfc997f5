"""A 0-d array comes back with a dimension more."""

def share_array(array):
    return torch.from_numpy(np.atleast_1d(array))
