"""A clone is flattened: the values are right, the memory is another."""


def flat_view(x):
    try:
        x.view(-1)
    except RuntimeError:
        raise ValueError("x has no flat view") from None
    return x.clone().reshape(-1)
