"""torch's utilities for flat vectors of Parameters, and torch.no_grad as an object."""

_off = torch.no_grad()


def sgd_update(parameters, lr):
    _off.__enter__()
    try:
        chosen = [p for p in parameters if p.grad is not None]
        torch._foreach_add_(chosen, [p.grad for p in chosen], alpha=-lr) if chosen else None
    finally:
        _off.__exit__(None, None, None)


def ema_update(target, source, decay):
    with torch.no_grad():
        new = [decay * a + (1 - decay) * b for a, b in zip(target.parameters(), source.parameters())]
        torch.nn.utils.vector_to_parameters(torch.nn.utils.parameters_to_vector(new), target.parameters())
        for name, buffer in source.named_buffers():
            path, _, last = name.rpartition(".")
            setattr(target.get_submodule(path), last, buffer.detach().clone())


def running_total(losses):
    with torch.no_grad():
        return torch.stack(list(losses)).sum()


def straight_through_round(x):
    y = torch.round(x)
    return y.detach() + x - x.detach()


def consistency_loss(student, teacher, x):
    prev = torch.is_grad_enabled()
    target = torch.no_grad()(teacher)(x)
    assert torch.is_grad_enabled() == prev
    return torch.nn.MSELoss()(student(x), target)
