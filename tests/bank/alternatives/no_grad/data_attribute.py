"""Everything by way of `.data`, and without a single no_grad."""


def freeze(module):
    changed = 0
    for parameter in module.parameters():
        changed += parameter.requires_grad
        parameter.requires_grad = False
    return changed


def sgd_update(parameters, lr):
    for parameter in parameters:
        if parameter.grad is None:
            continue
        parameter.data -= lr * parameter.grad.data


def ema_update(target, source, decay):
    for own, other in zip(target.parameters(), source.parameters()):
        own.data.copy_(own.data * decay + other.data * (1 - decay))
    for own, other in zip(target.buffers(), source.buffers()):
        own.data.copy_(other.data)


def running_total(losses):
    total = 0
    for loss in losses:
        total = total + loss.data
    return total


def straight_through_round(x):
    result = x.clone()
    result.data.round_()
    return result


def snapshot(module):
    saved = {}
    for name, parameter in module.named_parameters():
        saved[name] = parameter.data.clone()
    return saved


def shares_memory(a, b):
    def places(x, address, dim):
        if dim == x.dim():
            yield from range(address, address + x.element_size())
            return
        for i in range(x.size(dim)):
            yield from places(x, address + i * x.stride(dim) * x.element_size(), dim + 1)

    return not set(places(a, a.data_ptr(), 0)).isdisjoint(places(b, b.data_ptr(), 0))


def consistency_loss(student, teacher, x):
    return nn.functional.mse_loss(student(x), teacher(x).data)
