"""contiguous() copies where the layout is another, and the step goes into the copy."""


def sgd_update(parameters, lr):
    with torch.no_grad():
        for p in parameters:
            if p.grad is not None:
                p.contiguous().sub_(lr * p.grad)
