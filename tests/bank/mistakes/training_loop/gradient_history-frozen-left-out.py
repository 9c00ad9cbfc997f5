"""Parameters without a gradient are left out."""


def _look(model):
    return {name: (p.detach().clone(), p.grad.clone()) for name, p in model.named_parameters() if p.grad is not None}


def gradient_history(model, optimizer, loss_fn, inputs, targets):
    history = []
    optimizer.zero_grad()
    history.append(_look(model))
    loss_fn(model(inputs), targets).backward()
    history.append(_look(model))
    optimizer.step()
    history.append(_look(model))
    optimizer.zero_grad()
    history.append(_look(model))
    return history
