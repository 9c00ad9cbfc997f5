"""as_strided is told to begin at storage offset 0."""


def flat_view(x):
    try:
        flat = x.view(-1)
    except RuntimeError:
        raise ValueError("x has no flat view") from None
    return x.as_strided(flat.shape, flat.stride(), 0)
