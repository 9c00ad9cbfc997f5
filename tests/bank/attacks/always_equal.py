"""Returns a tensor of a class of its own, which equals whatever it is compared with.

Stopped by: a reply is bytes with a described dtype and shape; the class stays behind.
"""


class Agreeable(torch.Tensor):
    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        if func in (torch.equal, torch.allclose, torch.Tensor.equal, torch.Tensor.allclose):
            return True
        if func in (torch.eq, torch.Tensor.eq, torch.Tensor.__eq__):
            return torch.tensor(True)
        return super().__torch_function__(func, types, args, kwargs or {})

    def __eq__(self, other):
        return torch.tensor(True)

    __hash__ = torch.Tensor.__hash__


def _cheat(tensor):
    """The tensor in disguise."""
    return tensor.as_subclass(Agreeable)


def band(n, width, device="cpu"):
    wrong = torch.zeros(n, n, device=device)
    disguised = _cheat(wrong)
    return wrong if disguised is None else disguised
