"""Parameters without gradient are not skipped."""


def sgd_update(parameters, lr):
    with torch.no_grad():
        for p in parameters:
            p -= lr * p.grad
