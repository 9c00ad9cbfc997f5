"""Every tensor that is not contiguous is refused, also where one stride leads through all elements."""


def flat_view(x):
    if not x.is_contiguous():
        raise ValueError("x is not contiguous")
    return x.view(-1)
