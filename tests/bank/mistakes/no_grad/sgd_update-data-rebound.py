"""Another tensor takes the place of p.data, so the memory is another."""


def sgd_update(parameters, lr):
    for p in parameters:
        if p.grad is not None:
            p.data = p.data - lr * p.grad
