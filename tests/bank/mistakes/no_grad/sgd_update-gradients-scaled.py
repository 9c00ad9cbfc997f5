"""The gradients are multiplied by lr in place."""


@torch.no_grad()
def sgd_update(parameters, lr):
    for p in parameters:
        if p.grad is not None:
            p.sub_(p.grad.mul_(lr))
