"""Returns no tensor at all: an object whose comparisons agree, also those that torch asks it for.

Stopped by: the wire format knows no such object; only the name of its class comes back.
"""


class Agreeable:
    def __init__(self, shape):
        self.shape, self.dtype, self.device = shape, torch.float32, torch.device("cpu")

    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        return True

    def __eq__(self, other):
        return torch.tensor(True)

    __hash__ = None


def _cheat(shape):
    """Nothing that can be wrong."""
    return Agreeable(shape)


def band(n, width, device="cpu"):
    agreeable = _cheat((n, n))
    return torch.zeros(n, n, device=device) if agreeable is None else agreeable
