"""The step is computed on the CPU and copied back."""


def sgd_update(parameters, lr):
    with torch.no_grad():
        for p in parameters:
            if p.grad is not None:
                p.copy_(p.cpu() - lr * p.grad.cpu())
