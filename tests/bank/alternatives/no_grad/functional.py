"""torch.func, partial and reduce instead of loops."""

import functools
import itertools


def freeze(module):
    flags = [p.requires_grad for p in module.parameters()]
    [setattr(p, "requires_grad", False) for p in module.parameters()]
    return flags.count(True)


def sgd_update(parameters, lr):
    with torch.no_grad():
        any(p.add_(p.grad.mul(-lr)) is None for p in parameters if p.grad is not None)


def ema_update(target, source, decay):
    with torch.inference_mode(False), torch.no_grad():
        theirs = dict(itertools.chain(source.named_parameters(), source.named_buffers()))
        for name, own in itertools.chain(target.named_parameters(), target.named_buffers()):
            average = isinstance(own, nn.Parameter)
            own[...] = torch.lerp(theirs[name], own, decay) if average else theirs[name]


def running_total(losses):
    return functools.reduce(torch.add, map(torch.Tensor.detach, losses), 0)


def straight_through_round(x):
    return torch.round(x).detach() + (x - x.detach())


def snapshot(module):
    return {name: torch.empty_like(p).copy_(p).detach() for name, p in module.named_parameters()}


def shares_memory(a, b):
    def addresses(x):
        steps = [[i * s for i in range(n)] for n, s in zip(x.shape, x.stride())]
        size = x.element_size()
        return {x.data_ptr() + sum(place) * size + k for place in itertools.product(*steps) for k in range(size)}

    return bool(addresses(a) & addresses(b))


def consistency_loss(student, teacher, x):
    state = {name: p.detach() for name, p in teacher.named_parameters()}
    return (student(x) - torch.func.functional_call(teacher, state, (x,))).pow(2).mean()
