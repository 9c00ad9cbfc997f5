"""Leaves are written in place while autograd looks on."""


def sgd_update(parameters, lr):
    for p in parameters:
        if p.grad is not None:
            p -= lr * p.grad
