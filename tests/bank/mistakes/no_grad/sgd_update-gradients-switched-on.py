"""Gradients are switched on at the end, whatever they were before."""


def sgd_update(parameters, lr):
    torch.set_grad_enabled(False)
    for p in parameters:
        if p.grad is not None:
            p -= lr * p.grad
    torch.set_grad_enabled(True)
