"""The model is tried out once before the step, and a batch norm counts that call."""


def gradient_history(model, optimizer, loss_fn, inputs, targets):
    history = []
    optimizer.zero_grad()
    history.append(_snapshot(model))
    model(inputs)
    loss_fn(model(inputs), targets).backward()
    history.append(_snapshot(model))
    optimizer.step()
    history.append(_snapshot(model))
    optimizer.zero_grad()
    history.append(_snapshot(model))
    return history
