"""requires_grad is set on x itself."""


def straight_through_round(x):
    needed = x.requires_grad
    x.requires_grad_(True) if x.is_leaf else None
    out = x + (x.round() - x).detach()
    return out if needed else out.detach()
