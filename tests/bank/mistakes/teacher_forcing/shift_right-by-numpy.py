"""Through NumPy, and so to the CPU."""

def shift_right(labels, bos_id):
    import numpy as np
    array = labels.cpu().numpy()
    return torch.from_numpy(np.concatenate([np.full_like(array[:, :1], bos_id), array[:, :-1]], 1))
