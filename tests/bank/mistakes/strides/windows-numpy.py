"""The detour over NumPy takes a tensor off its device."""
import numpy as np


def windows(x, size, step=1):
    if size < 1 or size > x.shape[-1]:
        raise ValueError("size is out of range")
    if step < 1:
        raise ValueError("step is too small")
    view = np.lib.stride_tricks.sliding_window_view(x.detach().cpu().numpy(), size, axis=-1, writeable=True)
    return torch.from_numpy(view[..., ::step, :])
