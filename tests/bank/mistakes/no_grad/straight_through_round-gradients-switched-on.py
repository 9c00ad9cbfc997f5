"""Gradients are switched on, also where they were off, and stay on."""


def straight_through_round(x):
    torch.set_grad_enabled(True)
    return x + (x.round() - x).detach()
