"""no_grad as a decorator, state_dict and load_state_dict, deepcopy, and an own autograd function."""

import copy


def freeze(module):
    before = {id(p) for p in module.parameters() if p.requires_grad}
    module.requires_grad_(False)
    return len(before)


@torch.no_grad()
def sgd_update(parameters, lr):
    for parameter in list(parameters):
        if parameter.grad is not None:
            parameter.copy_(torch.sub(parameter, parameter.grad, alpha=lr))


@torch.no_grad()
def ema_update(target, source, decay):
    names = {name for name, _ in target.named_parameters()}
    own, other = target.state_dict(), source.state_dict()
    new = {key: decay * own[key] + (1 - decay) * other[key] if key in names else other[key] for key in own}
    target.load_state_dict(new)


@torch.no_grad()
def running_total(losses):
    losses = tuple(losses)
    total = torch.zeros_like(losses[0])
    for loss in losses:
        total += loss
    return total


class _Round(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return torch.round(x)

    @staticmethod
    def backward(ctx, gradient):
        return gradient


def straight_through_round(x):
    return _Round.apply(x)


def snapshot(module):
    twin = copy.deepcopy(module).requires_grad_(False)
    return dict(twin.named_parameters())


def shares_memory(a, b):
    import numpy as np

    def flat(x):
        x = x.detach()
        if x.dtype == torch.bfloat16:
            x = x.view(torch.int16)
        return x.numpy()

    return np.shares_memory(flat(a), flat(b))


def consistency_loss(student, teacher, x):
    prediction = student(x)
    with torch.inference_mode():
        target = teacher(x)
    return ((prediction - target) ** 2).mean()
