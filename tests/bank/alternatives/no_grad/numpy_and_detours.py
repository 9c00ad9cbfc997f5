"""NumPy where only values count, lists, sums started at 0, and hooks."""

import collections

import numpy as np


def freeze(module):
    unique = {id(parameter): parameter for _, parameter in module.named_parameters(remove_duplicate=False)}
    changed = [p for p in unique.values() if p.requires_grad]
    for p in unique.values():
        p.requires_grad_(requires_grad=False)
    return np.int64(len(changed))


def sgd_update(parameters, lr):
    for p in parameters:
        if p.grad is not None:
            p.detach().sub_(p.grad.detach() * lr)


def ema_update(target, source, decay):
    own, other = (list(m.named_parameters()) + list(m.named_buffers()) for m in (target, source))
    others = dict(other)
    for name, tensor in own:
        new = others[name].detach()
        if isinstance(tensor, nn.Parameter):
            new = tensor.detach() * decay + new * (1.0 - decay)
        tensor.data.copy_(new)


def running_total(losses):
    return sum(loss.detach() for loss in losses)


def straight_through_round(x):
    values = torch.from_numpy(np.asarray(np.round(x.detach().numpy())))

    class Fixed(torch.autograd.Function):
        @staticmethod
        def forward(ctx, given):
            return values.clone()

        @staticmethod
        def backward(ctx, gradient):
            return gradient.clone()

    return Fixed.apply(x)


def snapshot(module):
    copies = collections.OrderedDict()
    for name, p in module.named_parameters():
        copies[name] = nn.Parameter(torch.from_numpy(np.array(p.detach().numpy(), copy=True)), requires_grad=False)
    return copies


def shares_memory(a, b):
    def dense(x):
        if x.numel() == 0:
            return np.array([], dtype=np.int64)
        steps = [np.arange(n, dtype=np.int64) * s for n, s in zip(x.shape, x.stride())]
        starts = x.data_ptr() + x.element_size() * sum(np.ix_(*steps), np.zeros((), dtype=np.int64))
        return (np.ravel(starts)[:, None] + np.arange(x.element_size())).ravel()

    return np.intersect1d(dense(a), dense(b)).size > 0


def consistency_loss(student, teacher, x):
    target = teacher(x).detach().clone()
    answer = student(x)
    return ((answer - target) * (answer - target)).sum() / answer.numel()
