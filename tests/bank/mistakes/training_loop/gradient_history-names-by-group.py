"""Names are paired with parameters in the order of the optimizer's groups, which need not be the model's."""


def gradient_history(model, optimizer, loss_fn, inputs, targets):
    names = [name for name, _ in model.named_parameters()]

    def look():
        listed = [p for group in optimizer.param_groups for p in group["params"]]
        return {
            name: (p.detach().clone(), None if p.grad is None else p.grad.clone())
            for name, p in zip(names, listed)
        }

    optimizer.zero_grad()
    history = [look()]
    loss_fn(model(inputs), targets).backward()
    history.append(look())
    optimizer.step()
    history.append(look())
    optimizer.zero_grad()
    history.append(look())
    return history
