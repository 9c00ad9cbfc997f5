"""NumPy is asked, which knows no bfloat16."""

import numpy as np


def shares_memory(a, b):
    return bool(np.shares_memory(a.detach().numpy(), b.detach().numpy()))
