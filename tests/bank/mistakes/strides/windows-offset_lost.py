"""as_strided is told to begin at storage offset 0, where x is a slice that begins later."""


def windows(x, size, step=1):
    if size < 1 or size > x.shape[-1]:
        raise ValueError("size is out of range")
    if step < 1:
        raise ValueError("step is too small")
    view = x.unfold(-1, size, step)
    return torch.as_strided(x, view.shape, view.stride(), 0)
