"""1 is added to an element to see whether x follows, which leaves no trace in a large float."""


def reshape_copies(x, shape):
    source = x.detach()
    result = source.reshape(tuple(shape))
    if result.numel() == 0:
        return False
    here, there = source[(0,) * source.dim()], result[(0,) * result.dim()]
    before = here.clone()
    there.copy_(there + 1)
    shows = not torch.equal(here, before)
    here.copy_(before)
    return not shows
