"""torch.tensor copies, so that later writes don't show."""

def share_array(array):
    return torch.tensor(array)
