"""The loop ends at the first parameter without gradient."""


def sgd_update(parameters, lr):
    with torch.no_grad():
        for p in parameters:
            if p.grad is None:
                return
            p -= lr * p.grad
