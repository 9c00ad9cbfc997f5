"""A gradient of zeros is taken for none."""


def gradient_history(model, optimizer, loss_fn, inputs, targets):
    history = []
    optimizer.zero_grad()
    history.append(_snapshot(model))
    loss_fn(model(inputs), targets).backward()
    history.append(_snapshot(model))
    optimizer.step()
    history.append(_snapshot(model))
    optimizer.zero_grad()
    history.append(_snapshot(model))
    return history


def _snapshot(model):
    return {n: (p.detach().clone(), None if p.grad is None or not p.grad.any() else p.grad.clone()) for n, p in model.named_parameters()}
