"""The array goes through a Python list, so that memory and dtype are lost."""

def share_array(array):
    return torch.tensor(array.tolist())
